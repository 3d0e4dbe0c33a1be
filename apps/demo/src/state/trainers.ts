import { proxy, type Remote } from 'comlink';
import type {
  CheckpointPart,
  Started,
  StepReport,
  TrainerChange,
  TrainerStart,
  TrainerWorker,
} from '../protocol/trainer.ts';
import { openWorker, type Opened } from './open-worker.ts';
import { clearPictures, take, type RunState } from './run.ts';

/** A model and the worker that trains it. The page keeps a copy of the model in case the worker dies. */
export interface Trainer {
  readonly run: RunState;
  start(options: TrainerStart): Promise<Started>;
  /**
   * Moves the model to a new worker with other options, such as another backend.
   *
   * @throws if the model cannot train in the new worker. After this error the model continues in its current worker.
   */
  move(options: TrainerStart): Promise<void>;
  train(pauseMs: number): Promise<void>;
  pause(): Promise<void>;
  step(): Promise<void>;
  /**
   * Makes one training step of a race. If {@link Trainer.hold} has suspended the training, the step waits until the
   * suspension ends.
   */
  advance(): Promise<void>;
  /**
   * Suspends the training for `ms` milliseconds, so that other workers get the processor. A call with 0 lets training
   * continue immediately. This method never throws.
   */
  hold(ms: number): void;
  change(what: TrainerChange): Promise<void>;
  /**
   * Returns a checkpoint of the current state.
   *
   * @throws if the worker has died. After this error only the last copy of the model is available.
   */
  checkpoint(part: CheckpointPart): Promise<Uint8Array>;
  /**
   * Makes a new copy of the model if possible, and returns the latest copy, even if the worker has died. Undefined if
   * no copy was made yet.
   */
  copy(): Promise<Uint8Array | undefined>;
  /** Returns the last copy of the model, without making a new copy. */
  kept(): { readonly bytes: Uint8Array; readonly step: number } | undefined;
  close(): void;
}

interface TrainerEvents {
  readonly notify: (level: 'info' | 'warning' | 'error', text: string) => void;
  /**
   * Called if training stops by itself, because it ended, because it failed, or because the worker could not be replaced.
   */
  readonly stopped: () => void;
}

/**
 * Milliseconds between two copies of the model during training. A crash of the worker loses at most the training since
 * the last copy.
 */
const COPY_MS = 4000;
/**
 * Error message of a start of a model that was canceled because of a later start. The page does not show this error.
 */
const SUPERSEDED = 'A later start replaced this start.';
export const isSuperseded = (error: unknown): boolean => error instanceof Error && error.message === SUPERSEDED;
/** If this number of workers die within a minute, no new worker is started. */
const PATIENCE = 3;

const soon = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/**
 * Returns a trainer for the model of `run`. If the trainer's worker dies, a new worker continues from the last copy of
 * the model.
 */
export const openTrainer = (run: RunState, { notify, stopped }: TrainerEvents): Trainer => {
  let worker: Opened<TrainerWorker> | undefined;
  let options: TrainerStart | undefined;
  let copied: Uint8Array | undefined;
  let copiedStep = -1;
  /** Milliseconds to wait between two training steps. Undefined while the model is paused. */
  let training: number | undefined;
  let closed = false;
  /** Time until which {@link Trainer.hold} suspends the training. */
  let heldUntil = -Infinity;
  /** Time of the last step of a race. */
  let advancedAt = -Infinity;
  /**
   * Number of the latest attempt to start a worker. The number identifies an attempt, because a start and a recovery
   * may overlap.
   */
  let attempt = 0;
  const deaths: number[] = [];

  const current = (): Opened<TrainerWorker> => {
    if (worker === undefined) throw new Error('The trainer has not started.');
    return worker;
  };

  /** The last copy of the model as options of a start. Empty if there is no copy. */
  const fromCopy = (): Partial<TrainerStart> =>
    copied === undefined ? {} : { checkpoint: copied.slice(), isCopy: copiedStep >= 0 || options?.isCopy === true };
  const taken = (steps: readonly StepReport[]): void => {
    take(run, steps);
    if (!run.ended.value || training === undefined) return;
    training = undefined;
    run.status.value = 'paused';
    void keepCopy().catch(() => {});
    stopped();
  };

  const begin = async (wanted: TrainerStart): Promise<Started> => {
    worker?.close();
    worker = undefined;
    attempt += 1;
    const mine = attempt;
    const slow = wanted.backend !== 'wasm';
    const opened = await openWorker<TrainerWorker>('trainer', {
      onDeath: (reason) => void recover(reason),
      // A graphics backend may compile for a minute before its first step.
      patienceMs: () => Math.max(slow ? 120_000 : 8000, 20_000 * run.longestStep),
    });
    if (closed || mine !== attempt) {
      opened.close();
      throw new Error(SUPERSEDED);
    }
    worker = opened;
    const started = await opened
      .ask((trainer) =>
        trainer.start(
          { ...wanted, spent: run.seconds.value },
          proxy(taken),
          proxy((message, lost) => failedIn(opened, message, lost)),
        ),
      )
      .catch((error: unknown) => {
        throw mine === attempt ? error : new Error(SUPERSEDED);
      });
    accept(started);
    return started;
  };

  /**
   * Starts a new worker with other options, and makes a trial step in the new worker while the current worker
   * continues. If the trial succeeds, the new worker starts the model from its latest state.
   */
  const tried = async (wanted: TrainerStart): Promise<Opened<TrainerWorker>> => {
    let refuse = (_reason: Error): void => {};
    let isHere = false;
    const opened = await openWorker<TrainerWorker>('trainer', {
      onDeath: (reason) => {
        if (isHere) void recover(reason);
        else refuse(new Error(reason));
      },
      patienceMs: () => Math.max(isHere && wanted.backend === 'wasm' ? 8000 : 120_000, 20_000 * run.longestStep),
    });
    /** Starts the model in the new worker. If the start fails, the trial ends and the current worker is kept. */
    const startFromCopy = (): Promise<Started> =>
      opened.ask((trainer) =>
        trainer.start(
          { ...wanted, ...fromCopy(), chosenMethods: copied !== undefined, spent: run.seconds.value },
          proxy((steps) => {
            if (isHere) taken(steps);
          }),
          proxy((message, lost) => {
            if (isHere) failedIn(opened, message, lost);
            else refuse(new Error(message));
          }),
        ),
      );
    try {
      await Promise.race([
        new Promise<never>((_resolve, reject) => {
          refuse = reject;
        }),
        (async () => {
          await startFromCopy();
          await opened.ask((trainer) => trainer.step());
          // The current worker is paused before the last copy of its model is made, so that the copy contains all
          // steps.
          await worker?.ask((trainer) => trainer.pause()).catch(() => {});
          await keepCopy().catch(() => {});
          const started = await startFromCopy();
          isHere = true;
          accept(started);
        })(),
      ]);
      return opened;
    } catch (error) {
      opened.close();
      if (training !== undefined) await worker?.ask((trainer) => trainer.run(training!)).catch(() => {});
      throw error;
    }
  };
  const accept = ({ step, parameters, computing, ended, fallback }: Started): void => {
    run.step.value = step;
    run.ended.value = ended;
    run.parameters.value = parameters;
    run.computing.value = computing;
    run.status.value = 'paused';
    if (fallback !== undefined) notify('warning', fallback);
  };
  const failedIn = (opened: Opened<TrainerWorker>, message: string, lost: boolean): void => {
    if (lost) {
      opened.close();
      void recover(message);
      return;
    }
    training = undefined;
    run.status.value = 'paused';
    notify('error', message);
    stopped();
  };

  const recover = async (reason: string): Promise<void> => {
    if (closed || options === undefined) return;
    worker = undefined;
    const now = performance.now();
    deaths.push(now);
    const lost = run.step.value;
    if (deaths.filter((at) => now - at < 60_000).length >= PATIENCE) {
      run.status.value = 'failed';
      training = undefined;
      notify(
        'error',
        `Training stopped repeatedly (${reason}). The model of step ${Math.max(0, copiedStep)} is kept: ` +
          'press play to continue from it, or choose a smaller model or another backend.',
      );
      stopped();
      return;
    }
    run.status.value = 'recovering';
    try {
      const { step } = await begin({ ...options, ...fromCopy() });
      notify(
        'warning',
        `The trainer stopped at step ${lost} (${reason}). Another trainer continues from its copy of step ${step}.`,
      );
      // The visitor may have pressed play or pause during the recovery.
      if (training !== undefined) await trainer.train(training);
    } catch (error) {
      // A failed recovery is not reported if a new start has replaced the model in the meantime.
      if (closed || isSuperseded(error)) return;
      run.status.value = 'failed';
      training = undefined;
      notify('error', `The trainer stopped and could not be started again: ${(error as Error).message}`);
      stopped();
    }
  };

  const keepCopy = async (): Promise<void> => {
    const { step } = run;
    const [now, from] = [step.value, worker];
    if (from === undefined || now === copiedStep || run.status.value === 'recovering') return;
    const bytes = await from.ask((trainer) => trainer.checkpoint('whole'));
    if (from === worker) [copied, copiedStep] = [bytes, now];
  };
  /**
   * Calls the worker. Returns false if the worker has died. `recover` reports this death and starts a new worker, which
   * trains or pauses as requested.
   */
  const tell = async (call: (worker: Remote<TrainerWorker>) => unknown): Promise<boolean> => {
    try {
      await current().ask(call);
      return true;
    } catch (error) {
      if (run.status.value !== 'recovering' && run.status.value !== 'failed') throw error;
      return false;
    }
  };
  const timer = setInterval(() => {
    const races = performance.now() - advancedAt < 2 * COPY_MS;
    if (training !== undefined || races) void keepCopy().catch(() => {});
  }, COPY_MS);

  const trainer: Trainer = {
    run,
    start: async (wanted) => {
      options = wanted;
      copied = wanted.checkpoint;
      copiedStep = -1;
      run.status.value = 'loading';
      run.ended.value = false;
      clearPictures(run);
      try {
        return await begin({ ...wanted, ...fromCopy() });
      } catch (error) {
        if (!isSuperseded(error)) run.status.value = 'failed';
        throw error;
      }
    },
    move: async (wanted) => {
      await keepCopy().catch(() => {});
      const opened = await tried(wanted);
      if (closed) {
        opened.close();
        throw new Error(SUPERSEDED);
      }
      attempt += 1;
      worker?.close();
      worker = opened;
      options = wanted;
      if (training !== undefined) await trainer.train(training);
    },
    train: async (pauseMs) => {
      training = pauseMs;
      run.ended.value = false;
      if (run.status.value === 'failed' && options !== undefined) await begin({ ...options, ...fromCopy() });
      // If the worker is starting or recovering, the training begins at the end of that start or recovery.
      if (run.status.value === 'recovering' || run.status.value === 'loading') return;
      if (run.status.value !== 'running') run.rated = undefined;
      if (await tell((worker) => worker.run(pauseMs))) run.status.value = 'running';
    },
    pause: async () => {
      training = undefined;
      if (run.status.value !== 'running') return;
      if (!(await tell((worker) => worker.pause()))) return;
      run.status.value = 'paused';
      await keepCopy().catch(() => {});
    },
    step: async () => {
      if (await tell((worker) => worker.step())) await keepCopy().catch(() => {});
    },
    advance: async () => {
      while (performance.now() < heldUntil) await soon(20);
      advancedAt = performance.now();
      const from = worker;
      try {
        await from?.ask((trainer) => trainer.step());
      } catch (error) {
        // The error is ignored if the visitor has removed the model, or if a new worker has replaced the current worker
        // or is about to replace it.
        if (!closed && from === worker && run.status.value === 'running') throw error;
      }
    },
    hold: (ms) => {
      heldUntil = performance.now() + ms;
      // Errors are ignored: a call fails only if the worker has died, and a dead worker makes no training steps.
      void worker?.ask((trainer) => trainer.hold(ms)).catch(() => {});
    },
    change: async (what) => {
      if (options !== undefined) options = { ...options, ...what };
      if (run.status.value !== 'recovering' && run.status.value !== 'failed')
        await tell((worker) => worker.change(what));
    },
    checkpoint: (part) => current().ask((worker) => worker.checkpoint(part)),
    copy: async () => {
      await keepCopy().catch(() => {});
      return copied;
    },
    kept: () => (copied === undefined || copiedStep < 0 ? undefined : { bytes: copied, step: copiedStep }),
    close: () => {
      closed = true;
      clearInterval(timer);
      worker?.close();
    },
  };
  return trainer;
};
