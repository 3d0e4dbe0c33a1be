import { drawNormal, drawUniform, FlowError, fold } from '@impflow/core';
import { add, less, logSumExp, mul, scalar, square, stack, sub, sum, where, type Tensor } from '@tensorflow/tfjs-core';
import type { BaseDistribution } from './base.ts';

/**
 * A broad normal density around the origin, which a flow mixes into its base density. With the broad density, the loss
 * of an outlier, such as a row with a wrong cell, grows `scale^2` times more slowly with the squared distance.
 */
export interface Tail {
  /** Probability of the broad density, in `(0, 1)`. */
  readonly weight: number;
  /** Standard deviation of each coordinate of the broad density, positive. */
  readonly scale: number;
}

/**
 * Returns the mixture of a base density and a broad normal density, as a base density with the name and the parameters
 * of `base`.
 *
 * @throws `option` for a wrong weight or scale.
 */
export const withTail = (base: BaseDistribution, tail: Tail): BaseDistribution => {
  const { weight, scale } = tail;
  const { dim } = base;
  if (!(weight > 0 && weight < 1 && scale > 0 && scale < Infinity))
    throw new FlowError('option', 'flows/buildFlow', 'Wrong tail', {
      expected: 'a weight in (0, 1) and a positive scale',
      got: `weight ${weight}, scale ${scale}`,
    });
  const constant = constantOf(dim, tail);
  return Object.freeze<BaseDistribution>({
    name: base.name,
    dim,
    parameters: base.parameters,
    logProb: (z) => {
      const broad: Tensor = sub(constant, mul(0.5 / scale ** 2, sum(square(z), 1)));
      return logSumExp(stack([add(base.logProb(z), Math.log1p(-weight)), broad]), 0);
    },
    sample: (key, rows, temperature = 1) =>
      where(
        less(drawUniform(fold(key, -1), [rows, 1]), scalar(weight)),
        mul(drawNormal(fold(key, -2), [rows, dim]), scale * temperature),
        base.sample(key, rows, temperature),
      ),
  });
};

/** Returns the logarithm of the weight times the broad density at each of the rows `[n, dim]`, in float64. */
export const tailLogProbs = (rows: ArrayLike<number>, dim: number, tail: Tail): Float64Array => {
  const constant = constantOf(dim, tail);
  const out = new Float64Array(rows.length / dim);
  for (let row = 0; row < out.length; row++) {
    let squares = 0;
    for (let at = row * dim; at < (row + 1) * dim; at++) squares += rows[at]! ** 2;
    out[row] = constant - squares / (2 * tail.scale ** 2);
  }
  return out;
};

const constantOf = (dim: number, { weight, scale }: Tail): number =>
  Math.log(weight) - dim * (Math.log(scale) + 0.5 * Math.log(2 * Math.PI));
