import {
  defineBijector,
  eliminate,
  fold,
  normals,
  drawPermutation,
  scoped,
  sizeOf,
  type Bijector,
  type Key,
} from '@impflow/core';
import {
  abs,
  add,
  fill,
  expandDims,
  eye,
  log,
  matMul,
  mul,
  neg,
  ones,
  reshape,
  squeeze,
  sum,
  tensor2d,
  transpose,
  variable,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { eventShape, type EventOptions } from './event.ts';
import { reorder } from './reorder.ts';

/**
 * Options of {@link invertibleLinear}: `dim` or `shape` of the events, and the `key` of the permutation and the initial
 * weights.
 */
export type InvertibleLinearOptions = EventOptions & { readonly key: Key };

/**
 * The bijector `z = P L U x` with a fixed permutation `P`, a learned unit lower triangle `L` and a learned upper
 * triangle `U`. `log |det| = sum log |U_ii|`.
 *
 * @remarks For images, the matrix multiplies the channels of each pixel: an invertible 1 x 1 convolution, whose
 * log-determinant counts once per pixel.
 * @see Kingma, Dhariwal, Glow, 2018 (arXiv:1807.03039), section 3.2.
 */
export const invertibleLinear = ({ key, ...options }: InvertibleLinearOptions): Bijector => {
  const shape = eventShape(options);
  const dim = shape.at(-1)!;
  const places = sizeOf(shape) / dim;
  const rows = (x: Tensor): Tensor => reshape(x, [-1, dim]);
  const { there, back } = reorder([...drawPermutation(fold(key, 0), dim)]);
  const small = (purpose: number): Tensor =>
    tensor2d(
      Float32Array.from(normals(fold(key, purpose), dim * dim), (z) => 0.01 * z),
      [dim, dim],
    );
  const lower = scoped(() => variable(small(1)));
  const upper = scoped(() => variable(small(2)));
  const diagonal = scoped(() => variable(ones([dim])));
  const L = (): Tensor => add(mul(lower, strictlyLower(dim)), eye(dim));
  const U = (): Tensor => add(mul(upper, transpose(strictlyLower(dim))), mul(eye(dim), diagonal));
  const logDet = (x: Tensor): Tensor => mul(sum(log(abs(diagonal))), fill([x.shape[0]!], places));
  const solve = (triangle: Tensor, rhs: Tensor): Tensor =>
    squeeze(eliminate(expandDims(triangle), expandDims(rhs)).solution, [0]);
  return defineBijector({
    name: 'invertibleLinear',
    shape,
    parameters: { lower, upper, diagonal },
    forwardWithLogDet: (x) => ({
      value: reshape(there(matMul(matMul(rows(x), transpose(U())), transpose(L()))), x.shape),
      logDet: logDet(x),
    }),
    inverseWithLogDet: (z) => ({
      value: reshape(transpose(solve(U(), solve(L(), transpose(back(rows(z)))))), z.shape),
      logDet: neg(logDet(z)),
    }),
  });
};

/** Returns the mask of the strictly lower triangle: ones below the diagonal. */
const strictlyLower = (dim: number): Tensor =>
  tensor2d(
    Float32Array.from({ length: dim * dim }, (_, at) => (at % dim < Math.floor(at / dim) ? 1 : 0)),
    [dim, dim],
  );
