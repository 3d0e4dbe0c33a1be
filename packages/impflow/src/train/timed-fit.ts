import type { FitOptions, Validation } from '@impflow/training';

/** Options of `fit` for a training of a given time. */
export interface TimedFit extends Required<Pick<FitOptions, 'schedule'>> {
  /** Whether the training ends with this step: the option `last` of `fit`. */
  readonly isLast: () => boolean;
  readonly validateEvery: (step: number) => boolean;
  /** Returns the share of the time that has passed, in `[0, 1]`. */
  readonly progress: () => number;
  /** Returns whether a long time without a new best has ended the training. */
  readonly isIdle: () => boolean;
  /** Wraps a validation, to record its duration and the best loss. */
  watched(validate: () => Promise<Validation>): () => Promise<Validation>;
}

/** Options of {@link timedFit}. */
interface TimedFitOptions {
  /** Time of the training and of the evaluation after it, in seconds. */
  readonly seconds: number;
  /** Duration of the evaluation, in durations of a validation. */
  readonly evaluation: number;
  /** Steps of linear warm-up. */
  readonly warmup: number;
  /** Factor of the learning rate, as a function of the share of the time that has passed. */
  readonly schedule: (progress: number) => number;
  /** Fewest steps between two validations. */
  readonly validateEvery: number;
  /** Whether a long time without a new best ends the training. */
  readonly stopsEarly: boolean;
  /**
   * Whether the first validation comes before the first step. It does not count as a best: a training from good weights
   * first gets worse, and has time to recover.
   */
  readonly validatesFirst: boolean;
  /**
   * Called after a quarter and after a half of the time, with the loss that is expected at the end. Returns whether the
   * training ends immediately. Default: never.
   */
  readonly givesUp?: ((expected: number) => boolean) | undefined;
}

/** Largest share of the time that validations may take. */
const VALIDATIONS = 0.1;
/** Largest share of the time that is kept for the evaluation. */
const EVALUATION = 0.2;
/**
 * Share of the time without a new best after which the training ends. The share is large because a falling learning
 * rate finds the best weights late.
 */
const IDLE_SHARE = 0.3;
/**
 * Shares of the time after which a training may be given up, and the gain that is expected until the end, as a share of
 * the gain in the second half of the time so far. It is more than most trainings gain: one that is continued in vain is
 * asked again, while one that is given up cannot win.
 */
const TRIALS = [
  { at: 0.25, gain: 1.5 },
  { at: 0.5, gain: 0.75 },
] as const;

/** Returns the options of `fit`. The time of the training is counted from this call. */
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
  const isIdle = (): boolean => stopsEarly && validatedAt - bestAt > IDLE_SHARE * seconds;
  return {
    progress,
    isIdle,
    schedule: (step) => schedule(progress()) * Math.min(1, (step + 1) / Math.max(1, warmup)),
    isLast: () => elapsed() >= end() || isGivenUp || isIdle(),
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
 * Returns the last loss of a curve, less the expected gain: `gain` times the gain in the second half of the curve.
 * -Infinity for a curve of one validation, which has no gain yet.
 */
const expectedAtEnd = (curve: readonly (readonly [at: number, nats: number])[], gain: number): number => {
  const [at, now] = curve.at(-1)!;
  const before = curve.slice(0, -1);
  const [, half] = before.find(([earlier]) => earlier >= at / 2) ?? before.at(-1) ?? [0, Infinity];
  return now - gain * Math.max(0, half - now);
};
