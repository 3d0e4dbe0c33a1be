import { FlowError, logDetOnePlus, reshaped, scoped, sizeOf, type LogDetEstimator } from '@impflow/core';

export interface ExactOptions {
  /** Refuse more dimensions than this. Default 64. */
  readonly maxDim?: number;
}

/**
 * `log det(I + J)` from the whole Jacobian: unit tangents pushed through `g` in one stack, then pivot-free elimination.
 *
 * @remarks `d` tangent products per net and `d` sweeps over `[B, d, 2d]`: the fastest choice, and free of noise, up to some
 * tens of dimensions. The key is not used.
 * @throws `unsupported` (from `estimate`) above `maxDim` dimensions; `option` for a `maxDim` that is not a positive integer.
 * @example
 * ```ts
 * import { wasm } from '@impflow/backend-wasm';
 * import { key, normal } from '@impflow/core';
 * import { mlp } from '@impflow/lipschitz';
 * import { exact } from '@impflow/logdet';
 *
 * await wasm().start();
 * const g = mlp({ dim: 3, hidden: [16], key: key(0) });
 * const { value, logDet } = exact().estimate(g, normal(key(1), [4, 3]), key(2));
 * console.log(value.shape, logDet.shape);
 * ```
 */
export const exact = ({ maxDim = 64 }: ExactOptions = {}): LogDetEstimator => {
  if (!(Number.isInteger(maxDim) && maxDim >= 1)) {
    throw new FlowError('option', 'logdet/exact', 'Wrong maxDim', { expected: 'a positive integer', got: String(maxDim) });
  }
  return Object.freeze<LogDetEstimator>({
    name: 'exact',
    bias: 'exact',
    estimate: (g, x) => {
      const dim = sizeOf(g.shape);
      if (dim > maxDim) {
        throw new FlowError('unsupported', 'logdet/exact', 'Too many dimensions for the exact log-determinant', {
          expected: `at most ${maxDim}`, got: String(dim), hint: 'Use russianRoulette (unbiased) or powerSeries (truncated), or raise maxDim.',
        });
      }
      return scoped(() => {
        const batch = x.shape[0]!;
        const { value, tangents } = g.pushforward(x);
        const flat = reshaped(tangents, [dim, batch, dim]);
        return { value, logDet: logDetOnePlus(flat) };
      });
    },
  });
};
