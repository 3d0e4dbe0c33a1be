import { defineBijector, eliminate, fold, normals, permutation, scoped, type Bijector, type Key } from '@impflow/core';
import {
  abs, add, broadcastTo, expandDims, eye, log, matMul, mul, neg, ones, squeeze, sum, tensor2d, transpose, variable, type Tensor,
} from '@tensorflow/tfjs-core';
import { reorder } from './reorder.ts';

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
  const { there, back } = reorder([...permutation(fold(key, 0), dim)]);
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
      value: there(matMul(matMul(x, transpose(U())), transpose(L()))),
      logDet: logDet(x),
    }),
    inverseWithLogDet: (z) => ({
      value: transpose(solve(U(), solve(L(), transpose(back(z))))),
      logDet: neg(logDet(z)),
    }),
  });
};

/** Ones below the diagonal. */
const strictlyLower = (dim: number): Tensor =>
  tensor2d(Float32Array.from({ length: dim * dim }, (_, at) => (at % dim < Math.floor(at / dim) ? 1 : 0)), [dim, dim]);
