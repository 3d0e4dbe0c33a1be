import type { FitOptions, Validation } from '@impflow/training';

/** Options of `fit` for a training of a given time. */
export interface TimedFit extends Required<Pick<FitOptions, 'schedule'>> {
  /** Whether the training ends with this step: the option `last` of `fit`. */
  readonly isLast: () => boolean;
  readonly validateEvery: (step: number) => boolean;
  /** Returns the share of the time that has passed, in `[0, 1]`. */
  readonly progress: () => number;
  /** Wraps a validation, to record its duration and the best loss. */
  watched(validate: () => Promise<Validation>): () => Promise<Validation>;
}

/** Options of {@link timedFit}. */
interface TimedFitOptions {
  /** Time of the training, in seconds. */
  readonly seconds: number;
  /** Steps of linear warm-up. */
  readonly warmup: number;
  /** Factor of the learning rate, as a function of the share of the time that has passed. */
  readonly schedule: (progress: number) => number;
  /** Fewest steps between two validations. */
  readonly validateEvery: number;
  /** Whether a long time without a new best ends the training. */
  readonly stopsEarly: boolean;
}

/** Largest share of the time that validations may take. */
const VALIDATIONS = 0.15;
/**
 * Share of the time without a new best after which the training ends. The share is large because a falling learning
 * rate finds the best weights late.
 */
const IDLE_SHARE = 0.3;

/** Returns the options of `fit`. The time of the training is counted from this call. */
export const timedFit = ({ seconds, warmup, schedule, validateEvery, stopsEarly }: TimedFitOptions): TimedFit => {
  const begun = performance.now();
  const elapsed = (): number => (performance.now() - begun) / 1000;
  const progress = (): number => Math.min(1, elapsed() / seconds);
  let [validatedAt, validating, bestAt, best] = [0, 0, 0, Infinity];
  return {
    progress,
    schedule: (step) => schedule(progress()) * Math.min(1, (step + 1) / Math.max(1, warmup)),
    isLast: () => elapsed() >= seconds || (stopsEarly && validatedAt - bestAt > IDLE_SHARE * seconds),
    validateEvery: (step) => step % validateEvery === 0 && elapsed() - validatedAt >= validating / VALIDATIONS,
    watched: (validate) => async () => {
      const before = elapsed();
      const found = await validate();
      [validatedAt, validating] = [elapsed(), elapsed() - before];
      if (found.nats < best) [best, bestAt] = [found.nats, validatedAt];
      return found;
    },
  };
};
