import { add, concat, div, expandDims, log, mul, reshape, slice, sub, sum, tensor, tile, transpose, type Tensor } from '@tensorflow/tfjs-core';
import { customOp } from './autodiff.ts';
import { fused } from './fused.ts';
import { scoped } from './tensor.ts';

export interface Elimination {
  /** `A^-1 rhs`, `[B, n, k]`. */
  readonly solution: Tensor;
  /** `log det A`, `[B]`. */
  readonly logDet: Tensor;
}

/**
 * Solves a batch of small systems by elimination without pivoting: `a [B, n, n]`, `rhs [B, n, k]`. On the tape too.
 *
 * @remarks Safe for matrices whose symmetric part is positive definite, such as `I + J` with `|J| < 1` and Gram matrices:
 * every pivot is then positive (Golub and Van Loan, Matrix Computations, 4th ed., 4.3.2). Not for general matrices.
 * Where a pivot is not positive the log-determinant is not finite. Cost: one fused kernel up to `n = 16`, where the backend has it;
 * else `n` sweeps over `[B, n, n + k]`.
 */
export const eliminate = (a: Tensor, rhs: Tensor): Elimination => scoped(() => {
  const sweeps = (): readonly [Tensor, Tensor] => gaussJordan(a, rhs);
  const [solution, logDet] = a.shape[1]! <= FUSED_SIZE ? fused('ImpflowEliminate', { a, rhs }, {}, sweeps) : sweeps();
  return { solution, logDet };
});

/** Above it the sweeps are long enough to pay for themselves. */
const FUSED_SIZE = 16;

/** Gauss-Jordan elimination in plain tensor operations: the solution and the log-determinant. */
const gaussJordan = (a: Tensor, rhs: Tensor): readonly [Tensor, Tensor] => {
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
  return [slice(system, [0, 0, n], [batch, n, width - n]), sum(log(concat(pivots, 1)), [1, 2])];
};

/** `[n, n]`. */
export const identity = (n: number): Tensor => tensor(Float32Array.from({ length: n * n }, (_, at) => at % (n + 1) === 0 ? 1 : 0), [n, n]);

/** Unit tangents, `[d, B, d]`: pushed forward together they give the whole Jacobian. */
export const unitTangents = (batch: number, dim: number): Tensor => {
  const values = new Float32Array(dim * batch * dim);
  for (let k = 0; k < dim; k++) for (let b = 0; b < batch; b++) values[(k * batch + b) * dim + k] = 1;
  return tensor(values, [dim, batch, dim]);
};

/** Jacobians `[B, i, k]` from unit tangents pushed forward, `[k, B, i]`. */
export const jacobianOf = (tangents: Tensor): Tensor => transpose(tangents, [1, 2, 0]);

/**
 * `log det(I + J)` of each sample, `[B]`, from the images of unit tangents, `[d, B, d]`, for maps with Lipschitz constant below one.
 * On the tape.
 *
 * @remarks The gradient is `(I + J)^-T`; one elimination serves both.
 */
export const logDetOnePlus = (tangents: Tensor): Tensor => customOp([tangents], {
  forward: () => {
    const composed = (): readonly [Tensor, Tensor] => {
      const [dim, batch] = tangents.shape as [number, number, number];
      const units = tile(expandDims(identity(dim), 0), [batch, 1, 1]);
      const { solution: inverse, logDet } = eliminate(add(units, jacobianOf(tangents)), units);
      return [logDet, transpose(inverse, [1, 0, 2])];
    };
    const [value, gradient] = tangents.shape[0]! <= FUSED_SIZE ? fused('ImpflowLogDet', { tangents }, {}, composed) : composed();
    return { value, saved: { gradient } };
  },
  backward: (dy, { gradient }) => [mul(gradient, reshape(dy, [1, -1, 1]))],
});
