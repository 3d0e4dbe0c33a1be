import { FlowError, isFlowError, type Key } from '@impflow/core';
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

/** The model of a training, its batches and its validation. */
export interface TrainingTask extends Learnable {
  /** The model, with its parameters. */
  readonly model: Trainable;
  /** Shape of a batch. */
  readonly shape: readonly number[];
  /** Returns the rows of a step. The result depends only on the number of the step. */
  readonly rowsOfStep: (step: number) => Float32Array;
  /** Computes the held-out loss of the current weights. */
  readonly validate: () => Promise<Validated>;
  /** Whether the first weights count as the best weights until training improves on them. */
  readonly validateFirst: boolean;
  /** Whether a long time without a new best ends a timed training, if the option `patience` is not given. */
  readonly stopsEarly: boolean;
  /** Duration of the evaluation after the training, in durations of a validation. A timed training leaves this time. */
  readonly evaluation?: number;
  /**
   * Called in a timed training after a quarter and after a half of the time, with the loss that is expected at the end.
   * Returns whether the training ends immediately. Default: never.
   */
  readonly givesUp?: ((expected: number) => boolean) | undefined;
}

/** How a training runs. */
export interface TrainingContext {
  /** Key of the steps. */
  readonly key: Key;
  /** Receives the start and each step. */
  readonly onEvent: (event: StartEvent | StepEvent) => void;
  /** Ends the training after the current step. */
  readonly signal?: AbortSignal | undefined;
  /** Workers that share each step. Default: none. */
  readonly parallel?: DataParallel | undefined;
  /** State to continue from. Default: a new training. */
  readonly state?: TrainingState | undefined;
  /** Remaining seconds of a timed training. Default: steps are counted. */
  readonly secondsLeft?: number | undefined;
  /** Steps after which the training pauses. Default: none. */
  readonly until?: number | undefined;
  /**
   * Saves the state with the number of steps that is expected at this time: before the first step, after each
   * validation, every half minute, and at the end. Default: nothing is saved.
   */
  readonly save?:
    | ((state: TrainingState, steps: Pick<TrainingSettings, 'steps' | 'horizon'>) => Promise<void>)
    | undefined;
}

/** The end of a training. */
export interface TrainingEnd extends FitResult {
  /** Seconds of each step of this call, except steps with a validation. */
  readonly stepSeconds: readonly number[];
  /** Seconds of the validations of this call. */
  readonly validationSeconds: number;
  /** Whether a long time without a new best ended a timed training. `stopped` is then `steps`. */
  readonly isIdle: boolean;
}

/** More steps than a timed training can take. */
const ENDLESS = 2 ** 40;
/** Lowest learning rate of a cosine schedule, as a share of the initial rate. */
const FLOOR = 0.01;
/** Milliseconds between two saves; a save also follows each validation. */
const SAVE_EVERY = 30_000;
/** Assumed number of steps of a timed training, until its first step was timed. */
const EXPECTED = 1000;

/**
 * Trains, and reports each step. The caller owns the returned state. If the training pauses at `until`, `stopped` is
 * `aborted`, unless the training has also ended there.
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
  // A pause aborts `fit`, so that no extra validation runs.
  const pause = new AbortController();
  if (first >= until) pause.abort();
  const stepSeconds: number[] = [];
  let [savedAt, savedStep] = [performance.now(), first];
  const keep = async (state: TrainingState): Promise<void> => {
    await save?.(state, expectedSteps(state.step, settings, clock));
    [savedAt, savedStep] = [performance.now(), state.step];
  };
  onEvent({ kind: 'start', step: first });
  if (context.state !== undefined && first === 0) await keep(context.state);
  let accuracy: number | undefined;
  let validationSeconds = 0;
  const validate = async (): Promise<Validation> => {
    const begun = performance.now();
    const found = await task.validate();
    validationSeconds += (performance.now() - begun) / 1000;
    ({ accuracy } = found);
    return found;
  };
  const loop = trainingSteps(fitOptions({ ...task, validate }, settings, { ...context, clock, pause: pause.signal }));
  try {
    for (;;) {
      const next = await loop.next();
      if (next.done === true) {
        await keep(next.value.state);
        return { ...next.value, stepSeconds, validationSeconds, isIdle: clock?.isIdle() ?? false };
      }
      const { state, ...measured } = next.value;
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
    if (save === undefined || !isFlowError(error, 'convergence')) throw error;
    // The constructor of `FlowError` would format the message again, so the message is replaced afterwards.
    throw Object.assign(new FlowError('convergence', error.at, '', { cause: error }), {
      message: `${error.message} The model after step ${savedStep} was saved last.`,
    });
  }
};

/**
 * Returns the number of steps of a training. In a timed training, it is extrapolated from the steps and the time so
 * far.
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
    schedule: schedule === 'cosine' ? (progress) => cosine({ steps: 1, floor: FLOOR })(progress) : constant(),
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
          schedule === 'cosine' ? cosine({ steps: Math.max(1, horizon - rising), floor: FLOOR }) : constant(),
        ),
      };
