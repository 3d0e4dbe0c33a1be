import { matMul, reshape, stack, transpose, unstack, zerosLike, type Tensor } from '@tensorflow/tfjs-core';
import { FlowError, kept, offTape, pullback, release, scoped, sizeOf, unitTangents, type Linearization, type TensorMap } from '@impflow/core';

export interface TapeOptions {
  /** `jvp` needs the whole Jacobian, one backward pass per element of the event: refuse more. Default 64. */
  readonly maxDim?: number;
}

/**
 * The linearization of any map of TensorFlow.js operations, by its tape: what to use where a map has no `linearize` of its own.
 *
 * @remarks Every product is a pass through `f` forward and backward, `f` being evaluated again each time; a map that keeps its
 * trace is several times faster. `f` must still be able to run later: tensors that it closes over must live that long.
 */
export const linearizeByTape = (f: TensorMap, x: Tensor, { maxDim = 64 }: TapeOptions = {}): Linearization => {
  const [batch, ...event] = x.shape as [number, ...number[]];
  const dim = sizeOf(event);
  const vjpOne = (u: Tensor): Tensor => scoped(() => pullback(() => f(x), [x], u).gradients[0] ?? zerosLike(x));
  const vjp = (cotangents: Tensor): Tensor => offTape(() => scoped(() => stack(unstack(cotangents).map(vjpOne))));
  let matrix: Tensor | undefined;
  const jacobian = (): Tensor => matrix ??= kept(() => {
    if (dim > maxDim) {
      throw new FlowError('unsupported', 'solvers/linearizeByTape', 'Too many dimensions to push a tangent forward on the tape', {
        expected: `at most ${maxDim}`, got: String(dim), hint: 'Use vjp alone, or give the map a linearize of its own.',
      });
    }
    // Row i of J is the product with the i-th unit cotangent.
    return transpose(reshape(vjp(reshape(unitTangents(batch, dim), [dim, batch, ...event])), [dim, batch, dim]), [1, 0, 2]);
  });
  const value = kept(() => f(x).clone());
  return Object.freeze<Linearization>({
    value, vjp, jacobian,
    // [K, B, d] -> [B, d, K] and back: one product for each sample.
    jvp: (tangents) => offTape(() => scoped(() =>
      reshape(transpose(matMul(jacobian(), transpose(reshape(tangents, [tangents.shape[0]!, batch, dim]), [1, 2, 0])), [2, 0, 1]), tangents.shape))),
    dispose: () => release([value, matrix]),
  });
};
