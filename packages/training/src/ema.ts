import { advance, release, type NamedTensors, type NamedVariables } from '@impflow/core';
import { add, mul, scalar, sub } from '@tensorflow/tfjs-core';
import { assertDecay } from './optimizer.ts';
import { assignVariables, cloned, mapRecord } from './records.ts';

export interface EmaOptions {
  /** `[0, 1)`. Default 0.999. */
  readonly decay?: number;
}

/** An exponential moving average of parameters: `e = decay e + (1 - decay) theta`, a copy of `theta` at first. */
export interface Ema {
  readonly decay: number;
  /** Takes `average` over (none yet: `undefined`) and returns the next. Call it after an update, never before the first. */
  update(average: NamedTensors | undefined, parameters: NamedVariables): NamedTensors;
}

/** @see Polyak, Juditsky, Acceleration of Stochastic Approximation by Averaging, 1992, in its exponential form. */
export const ema = ({ decay = 0.999 }: EmaOptions = {}): Ema => {
  assertDecay('training/ema', 'decay', decay);
  return Object.freeze<Ema>({
    decay,
    update: (average, parameters) => {
      if (average === undefined) return cloned(parameters);
      return advance(average, (last) => {
        const gain = scalar(1 - decay);
        return mapRecord(parameters, (theta, name) => add(last[name]!, mul(gain, sub(theta, last[name]!))));
      });
    },
  });
};

/** Runs `body` and puts the variables back to what they were before, also after a throw. */
export const preserving = async <T>(variables: NamedVariables, body: () => T | Promise<T>): Promise<T> => {
  const own = cloned(variables);
  try {
    return await body();
  } finally {
    assignVariables(variables, own);
    release(own);
  }
};

/** Runs `body` with `values` in the place of the parameters', and puts these back, also after a throw. The values stay with their owner. */
export const withParameters = <T>(parameters: NamedVariables, values: NamedTensors, body: () => T | Promise<T>): Promise<T> =>
  preserving(parameters, () => {
    assignVariables(parameters, values);
    return body();
  });
