import { FlowError, logDetOnePlus, reshaped, scoped, sizeOf, shown, type LogDetEstimator } from '@impflow/core';

/** Options of {@link exact}. */
export interface ExactOptions {
  /**
   * Largest number of dimensions that is accepted. Default 64. With `Infinity` there is no limit except the memory:
   * `d^2` numbers per sample.
   */
  readonly maxDim?: number;
}

/**
 * Computes `log det(I + J)` from the whole Jacobian. The products of `J` with all unit vectors are computed in one
 * stack. Elimination without pivoting computes the determinant from the products.
 *
 * @remarks Costs `d` products with `J` and an elimination of `[B, d, d]`, about `2 d^3` multiplications per sample. Up
 * to some tens of dimensions, `exact` is the fastest estimator, and it has no noise. If no gradient is needed, the
 * products are computed in chunks. The key is not used.
 * @throws `option` for a `maxDim` below 1. `estimate` throws `unsupported` above `maxDim` dimensions.
 * @example
 * ```ts
 * import { wasm } from '@impflow/backend-wasm';
 * import { key, drawNormal } from '@impflow/core';
 * import { mlp } from '@impflow/lipschitz';
 * import { exact } from '@impflow/logdet';
 *
 * await wasm().start();
 * const g = mlp({ dim: 3, hidden: [16], key: key(0) });
 * const at = g.linearize(drawNormal(key(1), [4, 3]));
 * exact().estimate(at, key(2)).logDet.print();
 * at.dispose();
 * ```
 */
export const exact = ({ maxDim = 64 }: ExactOptions = {}): LogDetEstimator => {
  if (!(typeof maxDim === 'number' && maxDim >= 1))
    throw new FlowError('option', 'logdet/exact', 'Wrong maxDim', {
      expected: 'a number of at least 1',
      got: shown(maxDim),
    });
  return Object.freeze<LogDetEstimator>({
    name: 'exact',
    bias: 'exact',
    estimate: (g) => {
      const [batch, ...event] = g.value.shape as [number, ...number[]];
      const dim = sizeOf(event);
      if (dim > maxDim) {
        throw new FlowError('unsupported', 'logdet/exact', 'Too many dimensions for the exact log-determinant', {
          expected: `at most ${maxDim}`,
          got: shown(dim),
          hint: 'Use russianRoulette (unbiased) or powerSeries (truncated), or increase maxDim.',
        });
      }
      return scoped(() => {
        const pushed = g.units();
        const { logDet, gradient } = logDetOnePlus(reshaped(pushed.images, [dim, batch, dim]), g.tracked);
        return g.tracked
          ? { logDet, pair: { pushed, cotangents: reshaped(gradient!, pushed.images.shape) } }
          : { logDet };
      });
    },
  });
};
