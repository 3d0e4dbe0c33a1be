import { batch, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { DEFAULTS, RACE_SECONDS, type Config } from '../config.ts';
import type { DataRequest } from '../protocol/data.ts';
import type { Started, TrainerStart, TrainingLength } from '../protocol/trainer.ts';
import type { Slot } from '../protocol/viewer.ts';
import { choiceOf } from './choice-of.ts';
import { emptyRecorder, type Recorder } from './history.ts';
import { runState, type RunState } from './run.ts';
import type { Session } from './session-types.ts';
import { openTrainer, type Trainer } from './trainers.ts';

/** The state of a model from which {@link Models.restore} restarts the model. */
export interface Kept {
  /** A checkpoint with the weights and the state of the optimizer. Undefined if no copy of the model was made yet. */
  readonly copy: Uint8Array | undefined;
  readonly recorder: Recorder;
}

/** All models on the page. Each model of the configuration has its own trainer. */
export interface Models {
  readonly trainers: ReadonlySignal<readonly Trainer[]>;
  readonly playing: Signal<boolean>;
  /**
   * Applies the configuration `next`, with one trainer for each of its models. A slot is the index of a model. If
   * `anew` returns true for a slot, the model of this slot starts a new training from the weights that `keep` returns,
   * or from initial weights if `keep` returns undefined. If `anew` returns false for a slot, the model of this slot
   * continues its training.
   */
  arrange(
    next: Config,
    anew: (slot: Slot) => boolean,
    keep?: (slot: Slot) => Promise<Partial<Kept> | undefined>,
  ): Promise<void>;
  /**
   * Moves all models to new workers with the backend and the plugins of `next`.
   *
   * @throws if a model cannot train in its new worker. After this error all models continue with the previous
   * configuration.
   */
  move(next: Config): Promise<void>;
  /** Returns a copy of each model. */
  kept(): Promise<readonly Kept[]>;
  /**
   * Restarts all models from the copies that {@link Models.kept} returned. `was` is the configuration with which the
   * copies were made.
   */
  restore(was: Config, models: readonly Kept[]): Promise<void>;
  play(): Promise<void>;
  pause(): Promise<void>;
  step(): Promise<void>;
  /**
   * Replaces the first model by the model of a checkpoint. `accepted` is called after the checkpoint has been loaded
   * and before the first model is closed.
   *
   * @throws if the checkpoint cannot be used. After this error the current models are unchanged.
   */
  replaceFirst(checkpoint: Uint8Array, accepted: () => Promise<void>): Promise<Started>;
}

interface ModelsOptions {
  /**
   * The configuration of the page. The configuration and the trainers are set in one batch, so that every model in the
   * configuration has a trainer.
   */
  readonly config: Signal<Config>;
  readonly pauseMs: ReadonlySignal<number>;
  readonly requestOf: (config: Config) => DataRequest;
  readonly notify: Session['notify'];
  /** Reports an error of one model. The remaining models continue to train. */
  readonly complain: (error: unknown) => void;
  /** Called when a model has started or made a single step. */
  readonly changed: () => void;
}

/** Returns the length of the training of each model. Undefined if the training has no end. */
export const lengthOf = ({ steps, race, models }: Config): TrainingLength | undefined => {
  if (steps === 0) return undefined;
  return race === 'seconds' && models.length === 2
    ? { unit: 'seconds', most: RACE_SECONDS }
    : { unit: 'steps', most: steps };
};

/** Returns an object that manages the models of a page. There are no models until `arrange` is called. */
export const openModels = ({ config, pauseMs, requestOf, notify, complain, changed }: ModelsOptions): Models => {
  const trainers = signal<readonly Trainer[]>([]);
  const playing = signal(false);

  /** Ends the playing if no model is training. */
  const rested = (): void => {
    if (trainers.value.every(({ run }) => run.status.value !== 'running')) playing.value = false;
  };

  const trainerOf = (slot: Slot): Trainer =>
    openTrainer(runState(slot), {
      notify,
      stopped: () => {
        if (isRace()) playing.value = false;
        else rested();
      },
    });

  const startOf = (from: Config, slot: Slot, checkpoint?: Uint8Array): TrainerStart => {
    const { backend, seed, learningRate, batch: size, plugins } = from;
    const length = lengthOf(from);
    return {
      backend,
      data: requestOf(from),
      model: from.models[slot]!,
      seed,
      learningRate,
      batch: size,
      plugins,
      ...(length === undefined ? {} : { length }),
      ...(checkpoint === undefined ? {} : { checkpoint, chosenMethods: true, isCopy: true }),
    };
  };

  /** Whether the page trains two models in a race. During a race, {@link race} requests every single training step. */
  const isRace = (): boolean => config.value.race !== 'free' && config.value.models.length === 2;
  let racing = false;
  const race = async (): Promise<void> => {
    if (racing) return;
    racing = true;
    try {
      while (playing.value && isRace()) {
        const [a, b] = trainers.value.map((trainer) => trainer.run) as [RunState, RunState];
        const both = [a, b].every(({ status }) => status.value === 'paused' || status.value === 'running');
        if (!both) {
          await resting(100);
          continue;
        }
        // A model whose training has ended waits for the other one.
        const racers = trainers.value.filter(({ run }) => !run.ended.value);
        if (racers.length === 0) {
          playing.value = false;
          break;
        }
        for (const { run } of trainers.value) run.status.value = run.ended.value ? 'paused' : 'running';
        const done = ({ run }: Trainer): number => (config.value.race === 'steps' ? run.step.value : run.seconds.value);
        const least = Math.min(...racers.map(done));
        const behind = racers.filter((racer) => done(racer) <= least);
        const turn = config.value.race === 'steps' ? behind : behind.slice(0, 1);
        await Promise.all(turn.map((trainer) => trainer.advance()));
        if (pauseMs.value > 0) await resting(pauseMs.value);
      }
    } catch (error) {
      playing.value = false;
      complain(error);
    } finally {
      racing = false;
      for (const { run } of trainers.value)
        if (run.status.value === 'running' && !playing.value) run.status.value = 'paused';
      // If the models are still to be trained here, a change of the configuration has ended the race. Each model then
      // continues to train independently.
      if (playing.value) await Promise.all(trainers.value.map(drive)).catch(complain);
    }
  };
  const resting = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      setTimeout(resolve, ms);
    });
  /** Trains a model, independently or in a race, until the page is paused. */
  const drive = async (trainer: Trainer): Promise<void> => {
    if (isRace()) {
      await trainer.pause();
      void race();
    } else await trainer.train(pauseMs.value);
  };

  /** Starts the model of a trainer, from initial weights or from a copy. */
  const begin = async (trainer: Trainer, from: Config, kept: Partial<Kept> = {}): Promise<void> => {
    const { copy, recorder } = kept;
    if (copy === undefined) trainer.run.recorder.value = emptyRecorder;
    else if (recorder !== undefined) trainer.run.recorder.value = recorder;
    await trainer.start(startOf(from, trainer.run.slot, copy));
    // A copy whose training has ended rests until the visitor continues.
    if (trainer.run.ended.value) rested();
    else if (playing.value) await drive(trainer);
    changed();
  };

  const arrange: Models['arrange'] = async (next, anew, keep = async () => undefined) => {
    const old = trainers.value;
    const now = next.models.map((_, slot) => old[slot] ?? trainerOf(slot as Slot));
    for (const trainer of old.slice(now.length)) trainer.close();
    batch(() => {
      config.value = next;
      trainers.value = now;
    });
    await Promise.all(
      now.map(async (trainer, slot) => {
        if (old[slot] !== undefined && !anew(slot as Slot)) return;
        await begin(trainer, next, await keep(slot as Slot)).catch(complain);
      }),
    );
  };

  const pause = async (): Promise<void> => {
    playing.value = false;
    await Promise.all(trainers.value.map((trainer) => trainer.pause()));
  };

  return {
    trainers,
    playing,
    arrange,
    move: async (next) => {
      const was = config.value;
      const moved: Trainer[] = [];
      try {
        for (const trainer of trainers.value) {
          await trainer.move(startOf(next, trainer.run.slot));
          moved.push(trainer);
        }
      } catch (error) {
        for (const trainer of moved) await trainer.move(startOf(was, trainer.run.slot));
        throw error;
      }
      config.value = next;
      changed();
    },
    kept: () =>
      Promise.all(
        trainers.value.map(async (trainer) => ({ copy: await trainer.copy(), recorder: trainer.run.recorder.value })),
      ),
    restore: async (was, models) => {
      await arrange(
        was,
        () => true,
        async (slot) => models[slot],
      );
    },
    play: async () => {
      playing.value = true;
      // A training that has ended rests while another one continues. If all have ended, the visitor continues all.
      const open = trainers.value.filter(({ run }) => !run.ended.value);
      for (const { run } of trainers.value) if (open.length === 0) run.ended.value = false;
      await Promise.all((open.length === 0 ? trainers.value : open).map(drive)).catch((error: unknown) => {
        playing.value = false;
        throw error;
      });
    },
    pause,
    step: async () => {
      await pause();
      await Promise.all(trainers.value.map((trainer) => trainer.step()));
      changed();
    },
    replaceFirst: async (checkpoint, accepted) => {
      // A new trainer loads the file. The current model is replaced only after the file has been loaded.
      const opened = trainerOf(0);
      const from = config.value;
      try {
        // The new trainer uses the solver and the estimator of the file. The controls then show the file's solver and
        // estimator.
        const started = await opened.start({ ...startOf(from, 0, checkpoint), chosenMethods: false, isCopy: false });
        await accepted();
        trainers.value[0]?.close();
        playing.value = false;
        await Promise.all(trainers.value.slice(1).map((trainer) => trainer.pause()));
        batch(() => {
          const { step } = started;
          // The training of a model that already has all steps gets as many steps again as a new training.
          const steps = from.steps === 0 || step < from.steps ? from.steps : step + DEFAULTS.steps;
          config.value = { ...from, steps, models: [choiceOf(started.spec), ...from.models.slice(1)] };
          trainers.value = [opened, ...trainers.value.slice(1)];
        });
        const length = lengthOf(config.value);
        await Promise.all(trainers.value.map((trainer) => trainer.change({ length })));
        return started;
      } catch (error) {
        opened.close();
        throw error;
      }
    },
  };
};
