import { defineBijector, eliminate, fold, normals, permutation, scoped, type Bijector, type Key } from '@impflow/core';
import {
  abs, add, broadcastTo, expandDims, eye, gather, log, matMul, mul, neg, ones, squeeze, sum, tensor1d, tensor2d, transpose, variable, type Tensor,
} from '@tensorflow/tfjs-core';

export interface InvertibleLinearOptions {
  readonly dim: number;
  readonly key: Key;
}

/**
 * `z = P L U x`: a fixed permutation, a unit lower and an upper triangle, learnt. `log |det| = sum log |U_ii|`.
 *
 * @see Kingma, Dhariwal, Glow, 2018 (arXiv:1807.03039), section 3.2.
 */
export const invertibleLinear = ({ dim, key }: InvertibleLinearOptions): Bijector => {
  const order = [...permutation(fold(key, 0), dim)];
  const back = order.map((_, i) => order.indexOf(i));
  const small = (purpose: number): Tensor => tensor2d(Float32Array.from(normals(fold(key, purpose), dim * dim), (z) => 0.01 * z), [dim, dim]);
  const lower = scoped(() => variable(small(1)));
  const upper = scoped(() => variable(small(2)));
  const diagonal = variable(ones([dim]));
  const L = (): Tensor => add(mul(lower, strictlyLower(dim)), eye(dim));
  const U = (): Tensor => add(mul(upper, transpose(strictlyLower(dim))), mul(eye(dim), diagonal));
  const logDet = (x: Tensor): Tensor => broadcastTo(sum(log(abs(diagonal))), [x.shape[0]!]);
  const solve = (triangle: Tensor, rhs: Tensor): Tensor => squeeze(eliminate(expandDims(triangle), expandDims(rhs)).solution, [0]);
  return defineBijector({
    name: 'invertibleLinear',
    shape: [dim],
    parameters: { lower, upper, diagonal },
    forwardWithLogDet: (x) => ({
      value: gather(matMul(matMul(x, transpose(U())), transpose(L())), tensor1d(order, 'int32'), 1),
      logDet: logDet(x),
    }),
    inverseWithLogDet: (z) => ({
      value: transpose(solve(U(), solve(L(), transpose(gather(z, tensor1d(back, 'int32'), 1))))),
      logDet: neg(logDet(z)),
    }),
  });
};

/** Ones below the diagonal. */
const strictlyLower = (dim: number): Tensor =>
  tensor2d(Float32Array.from({ length: dim * dim }, (_, at) => (at % dim < Math.floor(at / dim) ? 1 : 0)), [dim, dim]);
