import type { FitOptions, Validation } from '@impflow/training';

/** The options of `fit` that depend on the clock, for a training of some seconds. */
export interface ByTheClock extends Required<Pick<FitOptions, 'schedule' | 'last'>> {
  readonly validateEvery: (step: number) => boolean;
  /** Share of the time that has gone, in `[0, 1]`. */
  readonly progress: () => number;
  /** The same validation, whose time and best are looked at. */
  watched(validate: () => Promise<Validation>): () => Promise<Validation>;
}

export interface ClockOptions {
  readonly seconds: number;
  /** Steps of linear warm-up. */
  readonly warmup: number;
  /** What the learning rate is multiplied with, by the share of the time that has gone. */
  readonly schedule: (progress: number) => number;
  /** Steps between two validations, at least. */
  readonly validateEvery: number;
  /** Whether a long time without a new best ends the training. */
  readonly patient: boolean;
}

/** Validations take so much of the time, at most. */
const VALIDATIONS = 0.15;
/** A validation that comes this share of the time after the best one, and is no better, ends the training. The share is large because a falling learning rate makes bests late. */
const PATIENCE = 0.3;

/** Begins now. */
export const byTheClock = ({ seconds, warmup, schedule, validateEvery, patient }: ClockOptions): ByTheClock => {
  const begun = performance.now();
  const elapsed = (): number => (performance.now() - begun) / 1000;
  const progress = (): number => Math.min(1, elapsed() / seconds);
  let [validatedAt, validating, bestAt, best] = [0, 0, 0, Infinity];
  return {
    progress,
    schedule: (step) => schedule(progress()) * Math.min(1, (step + 1) / Math.max(1, warmup)),
    last: () => elapsed() >= seconds || (patient && validatedAt - bestAt > PATIENCE * seconds),
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
