import { release, scoped, type Key } from '@impflow/core';
import {
  decodeCheckpoint,
  encodeCheckpoint,
  optimizers,
  restoreVariables,
  runKey,
  stateFrom,
  type Checkpoint,
  type DataParallel,
  type Trainable,
  type TrainingState,
  type Validation,
} from '@impflow/training';
import type { OnEvent } from '../events.ts';
import { building } from '../open-density.ts';
import { methodSpec } from '../options/method.ts';
import type { TrainingSettings } from '../options/settings.ts';
import { disposeModel } from './dispose-model.ts';
import { train, type TrainingEnd, type TrainingTask } from './train.ts';

/** Options of a training run. */
export interface RunOptions {
  /** Receives the events of the training. */
  readonly onEvent: OnEvent;
  /** Signal whose abort ends the training after the current step. */
  readonly signal?: AbortSignal | undefined;
  /** Workers that share each step. Default: no workers. */
  readonly parallel?: DataParallel | undefined;
  /** Returns the remaining seconds of a training with a time limit. */
  readonly secondsLeft: () => number;
  /** Number of the step after which the training pauses. */
  readonly until?: number | undefined;
  /** Saves a checkpoint. Default: nothing is saved. */
  readonly save?: ((checkpoint: Uint8Array) => Promise<void>) | undefined;
  /** Checkpoint to resume from. */
  readonly resume?: Checkpoint | undefined;
  /** All contents of the checkpoint except the options. */
  readonly contents: object;
}

/** Everything that defines a training before its first step. */
export interface Run<S extends TrainingSettings> {
  /** The spec of the model, as its checkpoint stores it. */
  readonly spec: object;
  /** The options, including all defaults. */
  readonly settings: S;
  /** The model, its batches and its validation. */
  readonly task: TrainingTask;
  /** The state from which the training starts: see {@link startingPoint}. */
  readonly from: TrainingState;
}

/** Result of a training. */
export interface Trained<S extends TrainingSettings> {
  /** Why the training ended. */
  readonly stopped: TrainingEnd['stopped'];
  /**
   * Whether the training ended before its steps or its time were used up, because the validation loss had no new
   * minimum. More steps or more time would then not have been used.
   */
  readonly stoppedEarly: boolean;
  /**
   * The settings of the training. After a training with a time limit, `steps` is the number of steps that it made, or
   * the expected number if it was aborted.
   */
  readonly settings: S;
  /** Number of steps that the model has been trained. */
  readonly step: number;
  /** Step and loss of the validation with the lowest loss. */
  readonly best?: { readonly step: number; readonly nats: number; readonly standardError: number };
  /** Loss on the validation rows before the first step. Only if the initial weights were validated in this call. */
  readonly start?: Validation;
  /** Duration in seconds of each step without a validation. */
  readonly stepSeconds: readonly number[];
  /** Total duration of the validations in seconds. */
  readonly validationSeconds: number;
  /** The checkpoint, which contains the training state. */
  readonly checkpoint: Checkpoint;
}

/** Shortest time limit of a training, in seconds. */
const LEAST_SECONDS = 1;

/**
 * Runs one training, from its settings to its checkpoint. `finish` receives the state at the end of a training that was
 * not aborted. `finish` returns the state to store. If `finish` returns undefined, the training is dropped and
 * `trainToCheckpoint` returns undefined.
 *
 * @throws the errors of `train`.
 */
export const trainToCheckpoint = async <S extends TrainingSettings>(
  { spec, settings, task, from }: Run<S>,
  { onEvent, signal, parallel, secondsLeft, until, save, resume, contents }: RunOptions,
  finish: (state: TrainingState) => Promise<TrainingState | undefined> = async (state) => state,
): Promise<Trained<S> | undefined> => {
  const { seed } = settings;
  const encoded = (state: TrainingState, steps: Pick<S, 'steps' | 'horizon'>): Promise<Uint8Array> =>
    encodeCheckpoint({
      spec,
      seed,
      extra: { ...contents, options: { ...settings, ...steps } },
      model: task.model,
      state,
    });
  const isTimed = settings.seconds !== undefined && resume === undefined;
  const end = await train(task, settings, {
    key: runKey(seed, 'steps'),
    onEvent,
    signal,
    parallel,
    state: from,
    secondsLeft: isTimed ? Math.max(LEAST_SECONDS, secondsLeft()) : undefined,
    until,
    ...(save === undefined ? {} : { save: async (state, steps) => save(await encoded(state, steps)) }),
  }).finally(() => release(from));
  const { stopped, stepSeconds, validationSeconds, expected } = end;
  let { state } = end;
  let done: S;
  let checkpoint: Checkpoint;
  try {
    if (stopped !== 'aborted') {
      tellEarlyEnd(end, onEvent);
      const finished = await finish(state);
      if (finished === undefined) return undefined;
      state = finished;
    }
    const length = isTimed && stopped !== 'aborted' ? { steps: state.step, horizon: state.step } : expected;
    done = { ...settings, ...length };
    checkpoint = decodeCheckpoint(await encoded(state, done), 'the training');
  } finally {
    // The caller builds the model from the checkpoint, as `load` does.
    release(state);
  }
  const { best } = state;
  const { start } = end;
  return {
    stopped,
    stoppedEarly: stopped === 'early-stopping' || end.isIdle,
    settings: done,
    step: checkpoint.step,
    ...(best === undefined ? {} : { best: { step: best.step, nats: best.nats, standardError: best.standardError } }),
    ...(start === undefined ? {} : { start }),
    stepSeconds,
    validationSeconds,
    checkpoint,
  };
};

/** Sends a remark that states why a training ended early. */
const tellEarlyEnd = ({ stopped, isIdle, state }: TrainingEnd, onEvent: OnEvent): void => {
  const why =
    stopped === 'early-stopping'
      ? `${state.sinceBest} validations without a new lowest validation loss`
      : isIdle
        ? 'nearly a third of the time without a new lowest validation loss'
        : undefined;
  if (why !== undefined) onEvent({ kind: 'remark', text: `Stopped early, after step ${state.step}: ${why}.` });
};

/**
 * Creates a model and the state from which its training starts. The weights and the state are new or come from a
 * checkpoint. `build` creates the model, and draws random weights if a key is passed. `start` initializes the weights
 * that depend on the data.
 *
 * @throws `checkpoint` for a spec that does not describe a model.
 */
export const startingPoint = <L extends { readonly model: Trainable }>(
  { seed, memory = 'keep', optimizer }: TrainingSettings,
  resume: Checkpoint | undefined,
  build: (options: { readonly key?: Key; readonly memory: 'keep' | 'budget' }) => L,
  start: (learner: L, key: Key) => void,
): { readonly learner: L; readonly state: TrainingState } => {
  const learner =
    resume === undefined
      ? build({ key: runKey(seed, 'weights'), memory })
      : building('The checkpoint', () => build({ memory }));
  try {
    if (resume !== undefined) {
      restoreVariables(learner.model.parameters, resume.tensors, 'parameters');
      restoreVariables(learner.model.buffers, resume.tensors, 'buffers');
      return { learner, state: stateFrom(resume.tensors, resume.training!) };
    }
    scoped(() => start(learner, runKey(seed, 'steps')));
    // The optimizer state is created here and not by `fit`, because the training state is saved before the first step.
    const slots = optimizers.create(methodSpec('optimizer', optimizer)).init(learner.model.parameters);
    return { learner, state: { step: 0, optimizer: slots, sinceBest: 0 } };
  } catch (error) {
    disposeModel(learner.model);
    throw error;
  }
};
