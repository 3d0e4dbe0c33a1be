import { advance, release, type NamedTensors, type NamedVariables } from '@impflow/core';
import { add, mul, scalar, sub } from '@tensorflow/tfjs-core';
import { assertDecay } from './optimizer.ts';
import { assignVariables, cloned, mapRecord } from './records.ts';

/** Updates between two changes of the average, divided by the `1 / (1 - decay)` updates that the average spans. */
const OFTEN = 1 / 25;

/** Options of {@link ema}. */
export interface EmaOptions {
  /** Weight of the old average in each update, `[0, 1)`. Default 0.999. */
  readonly decay?: number;
}

/**
 * Exponential moving average of parameters, `e = decay e + (1 - decay) theta`. The average starts as a copy of `theta`.
 * The decay is lower in the first steps, so that the average soon forgets the initial parameters.
 */
export interface Ema {
  /** Weight of the old average in each update. */
  readonly decay: number;
  /**
   * Returns the next average. Call `update` after each update of the parameters, with the number of updates so far.
   * Takes ownership of `average`, which is `undefined` at the first call. If `1 / (1 - decay)` is large, the average
   * changes only after every n-th update, with the decay to the n-th power. This average is nearly equal to an average
   * that changes after each update, and most steps cost nothing.
   */
  update(average: NamedTensors | undefined, parameters: NamedVariables, step: number): NamedTensors;
}

/**
 * Creates an exponential moving average of parameters.
 *
 * @throws `option` for a `decay` outside `[0, 1)`.
 * @see Polyak, Juditsky, Acceleration of Stochastic Approximation by Averaging, 1992. Unlike in this paper, the weights
 * of the average are exponential.
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
        // The decay is reduced in the first steps, because otherwise the initial parameters would influence the average
        // for a long time.
        const gain = scalar(1 - Math.min(decay, (1 + step) / (10 + step)) ** every);
        return mapRecord(parameters, (theta, name) => add(last[name]!, mul(gain, sub(theta, last[name]!))));
      });
    },
  });
};

/** Runs `body`, and then restores the values that the variables had before the call, even if `body` throws. */
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
 * Assigns `values` to the parameters, runs `body`, and then restores the parameters, even if `body` throws. The caller
 * still owns `values`.
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
