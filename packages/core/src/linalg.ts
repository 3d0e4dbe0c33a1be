import { add, concat, div, expandDims, eye, log, mul, reshape, slice, sub, sum, tensor, tile, transpose, type Tensor } from '@tensorflow/tfjs-core';
import { customOp } from './autodiff.ts';
import { scoped } from './tensor.ts';

export interface Elimination {
  /** `A^-1 rhs`, `[B, n, k]`. */
  readonly solution: Tensor;
  /** `log det A`, `[B]`. */
  readonly logDet: Tensor;
}

/**
 * Solves a batch of small systems by Gauss-Jordan elimination without pivoting, in plain tensor operations.
 *
 * @remarks Safe for matrices whose symmetric part is positive definite, such as `I + J` with `|J| < 1` and Gram matrices:
 * every pivot is then positive (Golub and Van Loan, Matrix Computations, 4th ed., 4.3.2). Not for general matrices.
 * Cost: `n` sweeps over `[B, n, n + k]`.
 */
export const eliminate = (a: Tensor, rhs: Tensor): Elimination => scoped(() => {
  const [batch, n] = a.shape as [number, number, number];
  let system = concat([a, rhs], 2);
  const width = system.shape[2]!;
  const pivots: Tensor[] = [];
  for (let j = 0; j < n; j++) {
    const row = slice(system, [0, j, 0], [batch, 1, width]);
    const pivot = slice(row, [0, 0, j], [batch, 1, 1]);
    const scaled = div(row, pivot);
    const column = slice(system, [0, 0, j], [batch, n, 1]);
    // Row j becomes `scaled`: subtract (pivot - 1) times itself there, and the usual multiple elsewhere.
    const unit = tensor(Float32Array.from({ length: n }, (_, i) => i === j ? 1 : 0), [1, n, 1]);
    system = sub(system, mul(sub(column, unit), scaled));
    pivots.push(pivot);
  }
  return { solution: slice(system, [0, 0, n], [batch, n, width - n]), logDet: sum(log(concat(pivots, 1)), [1, 2]) };
});

/** Unit tangents, `[d, B, d]`: pushed forward together they give the whole Jacobian. */
export const unitTangents = (batch: number, dim: number): Tensor => scoped(() => tile(expandDims(eye(dim), 1), [1, batch, 1]));

/** Jacobians `[B, i, k]` from unit tangents pushed forward, `[k, B, i]`. */
export const jacobianOf = (tangents: Tensor): Tensor => transpose(tangents, [1, 2, 0]);

/**
 * `log det(I + J)` of each Jacobian `[B, d, d]` with Lipschitz constant below one. On the tape.
 *
 * @remarks The gradient is `(I + J)^-T`; one elimination serves both.
 */
export const logDetOnePlus = (jacobian: Tensor): Tensor => customOp([jacobian], {
  forward: () => {
    const [batch, dim] = jacobian.shape as [number, number, number];
    const identity = tile(expandDims(eye(dim), 0), [batch, 1, 1]);
    const { solution: inverse, logDet } = eliminate(add(identity, jacobian), identity);
    return { value: logDet, saved: { inverse } };
  },
  backward: (dy, { inverse }) => [mul(reshape(dy, [-1, 1, 1]), transpose(inverse, [0, 2, 1]))],
});
