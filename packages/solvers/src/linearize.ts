import { matMul, mul, reshape, stack, sum, transpose, unstack, zerosLike, type Tensor } from '@tensorflow/tfjs-core';
import { FlowError, offTape, pullback, scoped, sizeOf, unitTangents, type Linearization, type TensorMap } from '@impflow/core';

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
  const jvp = (tangents: Tensor): Tensor => offTape(() => scoped(() => {
    if (dim > maxDim) {
      throw new FlowError('unsupported', 'solvers/linearizeByTape', 'Too many dimensions to push a tangent forward on the tape', {
        expected: `at most ${maxDim}`, got: String(dim), hint: 'Use vjp alone, or give the map a linearize of its own.',
      });
    }
    // Row i of J is the product with the i-th unit cotangent: (J t)_i = sum_k J_ik t_k.
    const units = reshape(unitTangents(batch, dim), [dim, batch, ...event]);
    const jacobian = reshape(vjp(units), [dim, 1, batch, dim]);
    const products = sum(mul(jacobian, reshape(tangents, [1, -1, batch, dim])), 3);
    return reshape(transpose(products, [1, 2, 0]), tangents.shape);
  }));
  const value = offTape(() => scoped(() => f(x)));
  return Object.freeze<Linearization>({ value, jvp, vjp, dispose: () => value.dispose() });
};

/** A linearization that is its Jacobian `[B, d, d]`; `value` lends its shape. Both tensors stay the caller's. */
export const linearizationOf = (value: Tensor, jacobian: Tensor): Linearization => {
  const [batch, dim] = jacobian.shape as [number, number, number];
  // [K, B, d] -> [B, d, K] and back: one product for each sample.
  const product = (transposed: boolean) => (stack: Tensor): Tensor => offTape(() => scoped(() =>
    reshape(transpose(matMul(jacobian, transpose(reshape(stack, [-1, batch, dim]), [1, 2, 0]), transposed), [2, 0, 1]), stack.shape)));
  return Object.freeze<Linearization>({ value, jacobian, jvp: product(false), vjp: product(true), dispose: () => {} });
};
