import {
  FlowError,
  kept,
  offTape,
  vjpByTape,
  release,
  scoped,
  sizeOf,
  unitTangents,
  shown,
  type Linearization,
  type TensorMap,
} from '@impflow/core';
import { matMul, reshape, stack, transpose, unstack, zerosLike, type Tensor } from '@tensorflow/tfjs-core';

/** Options of {@link linearizeByTape}. */
export interface LinearizeByTapeOptions {
  /**
   * Largest number of elements of an event for `jvp` and `jacobian`, which run one backward pass per element. Default
   * 64.
   */
  readonly maxDim?: number;
}

/**
 * Linearizes any map of TensorFlow.js operations at `x [B, ...event]` with the gradient tape. Use `linearizeByTape` for
 * maps without the method `linearize`. The caller disposes the result.
 *
 * @remarks Each product with `J^T` evaluates `f` again and runs one backward pass. A hand-written `linearize` that
 * keeps the intermediate values is several times faster. Do not dispose `x`, or tensors that `f` closes over, before
 * the last product.
 * @throws The methods `jvp` and `jacobian` of the result throw `unsupported` above `maxDim` elements.
 */
export const linearizeByTape = (
  f: TensorMap,
  x: Tensor,
  { maxDim = 64 }: LinearizeByTapeOptions = {},
): Linearization => {
  const [batch, ...event] = x.shape as [number, ...number[]];
  const dim = sizeOf(event);
  const vjpOne = (u: Tensor): Tensor => scoped(() => vjpByTape(() => f(x), [x], u).gradients[0] ?? zerosLike(x));
  const vjp = (cotangents: Tensor): Tensor => offTape(() => scoped(() => stack(unstack(cotangents).map(vjpOne))));
  let matrix: Tensor | undefined;
  const jacobian = (): Tensor =>
    (matrix ??= kept(() => {
      if (dim > maxDim) {
        throw new FlowError(
          'unsupported',
          'solvers/linearizeByTape',
          'Too many dimensions for Jacobian-vector products on the tape',
          { expected: `at most ${maxDim}`, got: shown(dim), hint: 'Use only vjp, or give the map a method linearize.' },
        );
      }
      // Row i of J is the product with the i-th unit cotangent.
      return transpose(
        reshape(vjp(reshape(unitTangents(batch, dim), [dim, batch, ...event])), [dim, batch, dim]),
        [1, 0, 2],
      );
    }));
  const value = kept(() => f(x).clone());
  return Object.freeze<Linearization>({
    value,
    vjp,
    jacobian,
    // Transpose [K, B, d] to [B, d, K] and back, so that one matrix product per sample computes all products.
    jvp: (tangents) =>
      offTape(() =>
        scoped(() =>
          reshape(
            transpose(
              matMul(jacobian(), transpose(reshape(tangents, [tangents.shape[0]!, batch, dim]), [1, 2, 0])),
              [2, 0, 1],
            ),
            tangents.shape,
          ),
        ),
      ),
    dispose: () => release([value, matrix]),
  });
};
