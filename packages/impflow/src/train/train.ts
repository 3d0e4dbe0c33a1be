import { FlowError, isFlowError, release, type Key } from '@impflow/core';
import {
  constant,
  cosine,
  fit as trainingSteps,
  optimizers,
  warmup,
  type DataParallel,
  type FitOptions,
  type FitResult,
  type Learnable,
  type Trainable,
  type TrainingState,
  type Validation,
} from '@impflow/training';
import { tensor } from '@tensorflow/tfjs-core';
import type { StartEvent, StepEvent } from '../events.ts';
import { methodSpec } from '../options/method.ts';
import type { TrainingSettings } from '../options/settings.ts';
import { timedFit, type TimedFit } from './timed-fit.ts';

/** The result of a validation. */
export interface Validated extends Validation {
  /** Share of the held-out images that are classified correctly. Present only for a classifier. */
  readonly accuracy?: number;
}

/** What is trained: the model, its batches and its validation. */
export interface TrainingTask extends Learnable {
  /** The model, with its parameters. */
  readonly model: Trainable;
  /** Shape of a batch. */
  readonly shape: readonly number[];
  /** Returns the batch of a step as a flat array. The result depends only on the step number. */
  readonly rowsOfStep: (step: number) => Float32Array;
  /** Computes the loss of the current weights on held-out rows. */
  readonly validate: () => Promise<Validated>;
  /** Whether the initial weights are validated, and count as the best weights until a validation has a lower loss. */
  readonly validateFirst: boolean;
  /**
   * Whether a training with a time limit ends if the validation loss has no new minimum for a long time. Has no effect
   * if the option `patience` is given.
   */
  readonly stopsEarly: boolean;
  /**
   * Duration of the evaluation after the training, as a multiple of the duration of a validation. A training with a
   * time limit reserves this time.
   */
  readonly evaluation?: number;
  /**
   * Called in a training with a time limit after a quarter and after a half of the time, with the loss that is expected
   * at the end. Returns whether the training ends after the next step. Default: the training is never given up.
   */
  readonly givesUp?: ((expected: number) => boolean) | undefined;
}

/** Options of a training run. */
export interface TrainingContext {
  /** Random key from which the keys of all steps are derived. */
  readonly key: Key;
  /** Receives an event at the start and after each step. */
  readonly onEvent: (event: StartEvent | StepEvent) => void;
  /** Signal whose abort ends the training after the current step. */
  readonly signal?: AbortSignal | undefined;
  /** Workers that share each step. Default: no workers. */
  readonly parallel?: DataParallel | undefined;
  /** State from which a training is resumed. Default: the training is new. */
  readonly state?: TrainingState | undefined;
  /** Remaining seconds of a training with a time limit. Default: the length is given in steps. */
  readonly secondsLeft?: number | undefined;
  /** Number of the step after which the training pauses. Default: the training does not pause. */
  readonly until?: number | undefined;
  /**
   * Saves the training state and the currently expected number of steps. Called before the first step, after each
   * validation, every half minute, and at the end. Default: nothing is saved.
   */
  readonly save?:
    | ((state: TrainingState, steps: Pick<TrainingSettings, 'steps' | 'horizon'>) => Promise<void>)
    | undefined;
}

/** Result of a training. */
export interface TrainingEnd extends FitResult {
  /** Duration in seconds of each step of this call, without steps that had a validation. */
  readonly stepSeconds: readonly number[];
  /** Total duration of the validations of this call, in seconds. */
  readonly validationSeconds: number;
  /**
   * Whether a training with a time limit ended because the validation loss had no new minimum for a long time. If
   * `isIdle` is true, `stopped` is `steps`.
   */
  readonly isIdle: boolean;
  /** Loss on the validation rows before the first step. Only if the initial weights were validated in this call. */
  readonly start?: Validation;
  /** The number of steps; after an abort, the expected number. */
  readonly expected: Pick<TrainingSettings, 'steps' | 'horizon'>;
}

/** Number of steps that no training with a time limit can reach. */
const ENDLESS = 2 ** 40;
/** Lowest learning rate of a cosine schedule, as a share of the initial rate. */
export const LOWEST_RATE = 0.01;
/** Milliseconds between two saves. The state is also saved after each validation. */
const SAVE_EVERY = 30_000;
/** Assumed number of steps of a training with a time limit, before the duration of its first step is known. */
const EXPECTED = 1000;

/**
 * Trains a model and sends an event after each step. The caller owns the returned state. If the training pauses at
 * `until`, `stopped` is `aborted`. If the training also ends at this step, `stopped` is the reason of the end.
 *
 * @throws `convergence` if a step is not finite.
 */
export const train = async (
  task: TrainingTask,
  settings: TrainingSettings,
  context: TrainingContext,
): Promise<TrainingEnd> => {
  const { onEvent, save, until = Infinity, secondsLeft } = context;
  const first = context.state?.step ?? 0;
  const clock = secondsLeft === undefined ? undefined : clockOf(settings, task, secondsLeft);
  // To pause, the training aborts `fit`, because `fit` runs no final validation after an abort.
  const pause = new AbortController();
  if (first >= until) pause.abort();
  const stepSeconds: number[] = [];
  let [savedAt, savedStep] = [performance.now(), first];
  let yielded: TrainingState | undefined;
  const keep = async (state: TrainingState): Promise<void> => {
    await save?.(state, expectedSteps(state.step, settings, clock));
    [savedAt, savedStep] = [performance.now(), state.step];
  };
  onEvent({ kind: 'start', step: first });
  if (context.state !== undefined && first === 0) await keep(context.state);
  let accuracy: number | undefined;
  let validationSeconds = 0;
  let start: Validation | undefined;
  let isStart = task.validateFirst && first === 0 && context.state?.best === undefined;
  const validate = async (): Promise<Validation> => {
    const begun = performance.now();
    const found = await task.validate();
    validationSeconds += (performance.now() - begun) / 1000;
    ({ accuracy } = found);
    if (isStart) start = { nats: found.nats, standardError: found.standardError };
    isStart = false;
    return found;
  };
  const loop = trainingSteps(fitOptions({ ...task, validate }, settings, { ...context, clock, pause: pause.signal }));
  try {
    for (;;) {
      const next = await loop.next();
      if (next.done === true) {
        yielded = next.value.state;
        await keep(next.value.state);
        const { state } = next.value;
        const expected = expectedSteps(state.step, settings, clock);
        const isIdle = clock?.isIdle() ?? false;
        const validated = { validationSeconds, ...(start === undefined ? {} : { start }) };
        return { ...next.value, stepSeconds, ...validated, isIdle, expected };
      }
      const { state, ...measured } = next.value;
      yielded = state;
      if (measured.validation === undefined) stepSeconds.push(measured.seconds);
      const { steps } = expectedSteps(state.step, settings, clock);
      onEvent({
        kind: 'step',
        ...measured,
        ...(measured.validation === undefined || accuracy === undefined ? {} : { accuracy }),
        steps,
        progress: clock?.progress() ?? state.step / steps,
      });
      if (measured.validation !== undefined || performance.now() - savedAt > SAVE_EVERY) await keep(state);
      if (state.step >= until) pause.abort();
    }
  } catch (error) {
    if (yielded !== undefined) release(yielded);
    if (save === undefined || !isFlowError(error, 'convergence')) throw error;
    // The constructor of `FlowError` would add its prefix to the message again, so the message is replaced after
    // construction.
    throw Object.assign(new FlowError('convergence', error.at, '', { cause: error }), {
      message: `${error.message} The model after step ${savedStep} was saved last.`,
    });
  }
};

/**
 * Returns the expected total number of steps of a training. In a training with a time limit, the number is extrapolated
 * from the steps and the time so far.
 */
const expectedSteps = (
  step: number,
  { steps, horizon }: TrainingSettings,
  clock: TimedFit | undefined,
): Pick<TrainingSettings, 'steps' | 'horizon'> => {
  if (clock === undefined) return { steps, horizon };
  const expected =
    step === 0
      ? EXPECTED
      : Math.min(Number.MAX_SAFE_INTEGER, Math.max(step, Math.round(step / Math.max(1e-9, clock.progress()))));
  return { steps: expected, horizon: expected };
};

const clockOf = (
  { warmup: rising, schedule, validateEvery, patience }: TrainingSettings,
  { stopsEarly, validateFirst, evaluation = 0, givesUp }: TrainingTask,
  seconds: number,
): TimedFit =>
  timedFit({
    seconds,
    warmup: rising,
    validateEvery,
    stopsEarly: patience === undefined && stopsEarly,
    validatesFirst: validateFirst,
    evaluation,
    givesUp,
    schedule: schedule === 'cosine' ? (progress) => cosine({ steps: 1, floor: LOWEST_RATE })(progress) : constant(),
  });

interface Running extends TrainingContext {
  readonly clock: TimedFit | undefined;
  readonly pause: AbortSignal;
}

/** Returns the options of `fit` of `@impflow/training`. */
const fitOptions = (
  { model, loss, shape, rowsOfStep, validate, validateFirst }: TrainingTask,
  { steps, horizon, lr, optimizer, schedule, warmup: rising, validateEvery, clip, ema, patience }: TrainingSettings,
  { key, signal, state, parallel, clock, pause }: Running,
): FitOptions => ({
  model,
  loss,
  optimizer: optimizers.create(methodSpec('optimizer', optimizer)),
  learningRate: lr,
  key,
  signal: signal === undefined ? pause : AbortSignal.any([signal, pause]),
  validateFirst,
  batch: (step) => tensor(rowsOfStep(step), [...shape]),
  validate: clock?.watched(validate) ?? validate,
  ...(clock === undefined
    ? { steps, validateEvery, ...scheduleOf({ schedule, rising, horizon }) }
    : { steps: ENDLESS, validateEvery: clock.validateEvery, last: clock.isLast, schedule: clock.schedule }),
  ...(state === undefined ? {} : { state }),
  ...(clip === undefined ? {} : { clipNorm: clip }),
  ...(ema === undefined ? {} : { emaDecay: ema }),
  ...(patience === undefined ? {} : { patience }),
  ...(parallel === undefined ? {} : { parallel }),
});

const scheduleOf = ({
  schedule,
  rising,
  horizon,
}: {
  readonly schedule: TrainingSettings['schedule'];
  readonly rising: number;
  readonly horizon: number;
}): Pick<FitOptions, 'schedule'> =>
  schedule === 'constant' && rising === 0
    ? {}
    : {
        schedule: warmup(
          rising,
          schedule === 'cosine' ? cosine({ steps: Math.max(1, horizon - rising), floor: LOWEST_RATE }) : constant(),
        ),
      };
