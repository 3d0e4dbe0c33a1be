import { FlowError } from '@impflow/core';
import { tailLogProbs, type Tail } from '../tail.ts';
import type { MixtureModel } from './mixture-fit.ts';
import { packRows } from './packed-rows.ts';

/**
 * Returns `log p` in nats of each row of `rows` `[n, d]`, row-major, under a Gaussian mixture: `[n]`, in float64.
 *
 * @param tail A broad density that is mixed into the mixture, as the option `tail` of a flow does. Default: none.
 * @remarks The function costs up to `n K d^2 / 2` multiplications.
 * @throws `shape` if the length of `rows` is not a
 * multiple of the dimension.
 * @example
 * ```ts
 * import { key, normals } from '@impflow/core';
 * import { fitMixture, mixtureLogProbs } from '@impflow/flows';
 *
 * const rows = normals(key(0), 2 * 500);
 * const fit = fitMixture(rows, { dim: 2, components: 3, key: key(1) });
 * console.log(fit.logLikelihood, mixtureLogProbs(fit, [0, 0, 9, 9]));
 * ```
 */
export const mixtureLogProbs = (model: MixtureModel, rows: ArrayLike<number>, tail?: Tail): Float64Array => {
  const { dim: d, components, covariance, means } = model;
  if (rows.length % d !== 0)
    throw new FlowError('shape', 'flows/mixtureLogProbs', 'Wrong number of values', {
      expected: `a multiple of ${d}`,
      got: String(rows.length),
      hint: 'Give complete rows, one after the other.',
    });
  // Shift the origin to one of the means first: otherwise digits are lost if the means are far from zero.
  const own = Float64Array.from(rows as ArrayLike<number>);
  const origin = means.slice(0, d);
  for (let at = 0; at < own.length; at++) own[at]! -= origin[at % d]!;
  const moved = { ...model, means: means.map((mean, at) => mean - origin[at % d]!) };
  if (tail === undefined) return packRows(own, { dim: d, components, covariance }).logProbs(moved);
  const weights = model.weights.map((weight) => (1 - tail.weight) * weight);
  return packRows(own, { dim: d, components, covariance, floor: tailLogProbs(rows, d, tail) }).logProbs({
    ...moved,
    weights,
  });
};
