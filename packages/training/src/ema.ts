import { advance, release, type NamedTensors, type NamedVariables } from '@impflow/core';
import { add, mul, scalar, sub } from '@tensorflow/tfjs-core';
import { assertDecay } from './optimizer.ts';
import { assignVariables, cloned, mapRecord } from './records.ts';

/** The average changes this many times as often as it forgets. */
const OFTEN = 1 / 25;

/** Options of {@link ema}. */
export interface EmaOptions {
  /** Weight of the old average in each update, `[0, 1)`. Default 0.999. */
  readonly decay?: number;
}

/**
 * Exponential moving average of parameters, `e = decay e + (1 - decay) theta`. It starts as a copy of `theta`. In the
 * first steps the decay is lower, so that the average soon forgets the initial parameters.
 */
export interface Ema {
  /** Weight of the old average in each update. */
  readonly decay: number;
  /**
   * Returns the next average. Call it after each update of the parameters, with the number of updates. Takes ownership
   * of `average`, which is `undefined` at the first call. If `1 / (1 - decay)` is large, the average changes only after
   * some of the updates, by the power of the decay: the result hardly differs, and most steps cost nothing.
   */
  update(average: NamedTensors | undefined, parameters: NamedVariables, step: number): NamedTensors;
}

/**
 * Returns an {@link Ema}.
 *
 * @throws `option` for a `decay` outside `[0, 1)`.
 * @see Polyak, Juditsky, Acceleration of Stochastic Approximation by Averaging, 1992. The averages here have
 * exponential weights.
 */
export const ema = ({ decay = 0.999 }: EmaOptions = {}): Ema => {
  assertDecay('training/ema', 'decay', decay);
  const every = Math.max(1, Math.round(OFTEN / (1 - decay)));
  return Object.freeze<Ema>({
    decay,
    update: (average, parameters, step) => {
      if (average === undefined) return cloned(parameters);
      if (step % every !== 0) return average;
      return advance(average, (last) => {
        // Otherwise the first parameters would count for long.
        const gain = scalar(1 - Math.min(decay, (1 + step) / (10 + step)) ** every);
        return mapRecord(parameters, (theta, name) => add(last[name]!, mul(gain, sub(theta, last[name]!))));
      });
    },
  });
};

/** Runs `body`, then restores the variables to their values before the call, also after a throw. */
export const preserving = async <T>(variables: NamedVariables, body: () => T | Promise<T>): Promise<T> => {
  const own = cloned(variables);
  try {
    return await body();
  } finally {
    assignVariables(variables, own);
    release(own);
  }
};

/**
 * Runs `body` with `values` in the parameters, then restores them, also after a throw. `values` stay with the caller.
 */
export const withParameters = <T>(
  parameters: NamedVariables,
  values: NamedTensors,
  body: () => T | Promise<T>,
): Promise<T> =>
  preserving(parameters, () => {
    assignVariables(parameters, values);
    return body();
  });
