import type { FitOptions, Validation } from '@impflow/training';

/** Options with which the function `fit` of `@impflow/training` trains for a given time. */
export interface TimedFit extends Required<Pick<FitOptions, 'schedule'>> {
  /** Returns whether the training ends after the current step. This is the option `last` of `fit`. */
  readonly isLast: () => boolean;
  readonly validateEvery: (step: number) => boolean;
  /** Returns the share of the training time that has passed, in `[0, 1]`. */
  readonly progress: () => number;
  /** Returns whether the training has ended because the validation loss had no new minimum for a long time. */
  readonly isIdle: () => boolean;
  /** Wraps the function that validates, to record the duration of each validation and the lowest loss. */
  watched(validate: () => Promise<Validation>): () => Promise<Validation>;
}

/** Options of {@link timedFit}. */
interface TimedFitOptions {
  /** Time of the training and of the evaluation after it, in seconds. */
  readonly seconds: number;
  /** Duration of the evaluation after the training, as a multiple of the duration of a validation. */
  readonly evaluation: number;
  /** Number of steps of the warm-up, in which the learning rate rises linearly. */
  readonly warmup: number;
  /** Factor of the learning rate, as a function of the share of the time that has passed. */
  readonly schedule: (progress: number) => number;
  /** Smallest number of steps between two validations. */
  readonly validateEvery: number;
  /** Whether the training ends if the validation loss has no new minimum for a long time. */
  readonly stopsEarly: boolean;
  /**
   * Whether a validation precedes the first step. The loss of this validation does not count as a minimum, because a
   * training that starts from good weights first gets worse and needs time to recover.
   */
  readonly validatesFirst: boolean;
  /**
   * Called at the first validation after a quarter and after a half of the time, with the validation loss that is
   * expected at the end. Returns whether the training ends after the next step. Default: the training is never given up.
   */
  readonly givesUp?: ((expected: number) => boolean) | undefined;
}

/** Largest share of the training time that validations may take. */
const VALIDATIONS = 0.1;
/** Largest share of the training time that is reserved for the evaluation. */
const EVALUATION = 0.4;
/**
 * If the validation loss has no new minimum for this share of the time, the training ends. The share is large because a
 * decreasing learning rate finds the best weights late.
 */
const IDLE_SHARE = 0.3;
/**
 * When a training may be given up: `at` is the share of the time that has passed. `gain` is the decrease of the loss
 * that is expected until the end, relative to the decrease in the second half of the time so far. These values of
 * `gain` are larger than the decrease in most trainings. An estimate that is too optimistic costs little, because the
 * training is judged a second time, but a training that is given up too early is lost.
 */
const TRIALS = [
  { at: 0.25, gain: 1.5 },
  { at: 0.5, gain: 0.75 },
] as const;

/** Returns the options of `fit`. The time of the training starts with this call. */
export const timedFit = ({
  seconds,
  evaluation,
  warmup,
  schedule,
  validateEvery,
  stopsEarly,
  validatesFirst,
  givesUp,
}: TimedFitOptions): TimedFit => {
  const begun = performance.now();
  const elapsed = (): number => (performance.now() - begun) / 1000;
  let [validatedAt, validating, bestAt, best] = [0, 0, 0, Infinity];
  const end = (): number => seconds - Math.min(EVALUATION * seconds, evaluation * validating);
  const progress = (): number => Math.min(1, elapsed() / end());
  const curve: (readonly [at: number, nats: number])[] = [];
  const trials = [...TRIALS];
  let isGivenUp = false;
  // Whether the training ended because the validation loss had no new minimum. The value is stored, because a
  // validation after the end could change it.
  let isIdle = false;
  return {
    progress,
    isIdle: () => isIdle,
    schedule: (step) => schedule(progress()) * Math.min(1, (step + 1) / Math.max(1, warmup)),
    isLast: () => {
      if (elapsed() >= end() || isGivenUp) return true;
      isIdle ||= stopsEarly && validatedAt - bestAt > IDLE_SHARE * seconds;
      return isIdle;
    },
    validateEvery: (step) => step % validateEvery === 0 && elapsed() - validatedAt >= validating / VALIDATIONS,
    watched: (validate) => async () => {
      const before = elapsed();
      const found = await validate();
      [validatedAt, validating] = [elapsed(), elapsed() - before];
      if (found.nats < best && !(validatesFirst && curve.length === 0)) [best, bestAt] = [found.nats, validatedAt];
      curve.push([validatedAt, found.nats]);
      if (givesUp !== undefined && progress() >= (trials[0]?.at ?? Infinity))
        isGivenUp ||= givesUp(Math.min(best, expectedAtEnd(curve, trials.shift()!.gain)));
      return found;
    },
  };
};

/**
 * Returns the loss that is expected at the end of a training: the last loss of the curve minus `gain` times the
 * decrease in the second half of the curve. Returns -Infinity for a curve of one validation, because its decrease is
 * unknown.
 */
const expectedAtEnd = (curve: readonly (readonly [at: number, nats: number])[], gain: number): number => {
  const [at, now] = curve.at(-1)!;
  const before = curve.slice(0, -1);
  const [, half] = before.find(([earlier]) => earlier >= at / 2) ?? before.at(-1) ?? [0, Infinity];
  return now - gain * Math.max(0, half - now);
};
