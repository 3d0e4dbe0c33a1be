import {
  add,
  concat,
  div,
  expandDims,
  log,
  matMul,
  slice,
  sub,
  sum,
  tensor,
  tile,
  transpose,
  mul,
  zeros,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { kernel } from './kernel.ts';
import { scoped } from './scope.ts';

/** Result of {@link eliminate}. */
export interface Elimination {
  /** `A^-1 rhs`, `[B, n, k]`. */
  readonly solution: Tensor;
  /** `log det A`, `[B]`. */
  readonly logDet: Tensor;
}

/**
 * Maps `a [B, d, d]` and `rhs [B, d, k]` to `A^-1 rhs [B, d, k]` and `log det A [B]`, which is NaN where a pivot is not
 * positive.
 */
const eliminated = kernel<{ readonly a: Tensor; readonly rhs: Tensor }>('ImpflowEliminate');

/**
 * Solves a batch of systems by elimination without pivoting: `a [B, n, n]`, `rhs [B, n, k]`. Runs on the tape and off
 * the tape.
 *
 * @remarks For matrices whose symmetric part is positive definite, such as `I + J` with `|J| < 1` and Gram matrices:
 * all their pivots are positive (Golub and Van Loan, Matrix Computations, 4th ed., 4.3.2). The function is not for
 * general matrices: where a pivot is not positive, the log-determinant is not finite. Cost: up to `n = 128`, one kernel
 * if the backend has it. Otherwise `n` sweeps over `[B, n, n + k]` up to `n = 32`, and above 32, recursive 2 x 2 block
 * elimination with matrix products.
 */
export const eliminate = (a: Tensor, rhs: Tensor): Elimination =>
  scoped(() => {
    const [batch, n] = a.shape as [number, number, number];
    // The cpu backend of tfjs cannot slice an empty tensor.
    if (batch === 0) return { solution: rhs.clone(), logDet: zeros([0]) };
    const composed = (): readonly [Tensor, Tensor] => (n <= SWEPT_SIZE ? gaussJordan : byHalves)(a, rhs);
    const [solution, logDet] = n <= KERNEL_SIZE ? eliminated.run({ a, rhs }, {}, composed) : composed();
    return { solution, logDet };
  });

/** Largest dimension of the kernels that solve roots and adjoint systems with the Jacobian of a net. */
export const FUSED_SIZE = 16;
/**
 * Largest dimension of the kernels of elimination. For 63 dimensions they take an eighth of the time of composed
 * operations. For 128 dimensions, the numbers of one elimination fill the second-level cache.
 */
const KERNEL_SIZE = 128;
/** Largest dimension for sweeps. Above this dimension, recursive block elimination with matrix products is faster. */
const SWEPT_SIZE = 32;

/**
 * Returns the solution and the log-determinant, by block elimination: first the leading half of the rows and columns is
 * eliminated, then the Schur complement. The leading block and the Schur complement have positive definite symmetric
 * parts if the matrix has a positive definite symmetric part.
 */
const byHalves = (a: Tensor, rhs: Tensor): readonly [Tensor, Tensor] => {
  const [batch, n] = a.shape as [number, number, number];
  const [half, width] = [n >> 1, rhs.shape[2]!];
  const part = (x: Tensor, row: number, column: number, rows: number, columns: number): Tensor =>
    slice(x, [0, row, column], [batch, rows, columns]);
  const right = part(a, 0, half, half, n - half),
    below = part(a, half, 0, n - half, half);
  const top = eliminate(part(a, 0, 0, half, half), concat([right, part(rhs, 0, 0, half, width)], 2));
  const [across, first] = [part(top.solution, 0, 0, half, n - half), part(top.solution, 0, n - half, half, width)];
  const bottom = eliminate(
    sub(part(a, half, half, n - half, n - half), matMul(below, across)),
    sub(part(rhs, half, 0, n - half, width), matMul(below, first)),
  );
  return [concat([sub(first, matMul(across, bottom.solution)), bottom.solution], 1), add(top.logDet, bottom.logDet)];
};

/** Returns the solution and the log-determinant, by Gauss-Jordan elimination in plain tensor operations. */
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
    // Row j becomes `scaled`, by subtracting (pivot - 1) * scaled; column_i * scaled is subtracted from each other row
    // i.
    const unit = tensor(
      Float32Array.from({ length: n }, (_, i) => (i === j ? 1 : 0)),
      [1, n, 1],
    );
    system = sub(system, mul(sub(column, unit), scaled));
    pivots.push(pivot);
  }
  return [slice(system, [0, 0, n], [batch, n, width - n]), sum(log(concat(pivots, 1)), [1, 2])];
};

/** Returns the unit matrix, `[n, n]`. */
export const identity = (n: number): Tensor =>
  tensor(
    Float32Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0)),
    [n, n],
  );

/**
 * Returns unit tangents, `[d, B, d]`. The images of unit tangents are the columns of the Jacobian; see
 * {@link jacobianOf}.
 */
export const unitTangents = (batch: number, dim: number): Tensor => {
  const values = new Float32Array(dim * batch * dim);
  for (let k = 0; k < dim; k++) for (let b = 0; b < batch; b++) values[(k * batch + b) * dim + k] = 1;
  return tensor(values, [dim, batch, dim]);
};

/** Returns the Jacobians `[B, i, k]` from the images of unit tangents, `[k, B, i]`. */
export const jacobianOf = (tangents: Tensor): Tensor => transpose(tangents, [1, 2, 0]);

/**
 * Returns `log det(I + J) [B]` and its gradient with respect to `tangents [d, B, d]`, the images of unit tangents.
 * `tangents[k, b, i]` is `J_ik` of sample `b`, and entry `[k, b, i]` of the gradient is `((I + J)^-1)_ki`. The
 * log-determinant is NaN where a pivot is not positive.
 */
const logDetKernel = kernel<{ readonly tangents: Tensor }>('ImpflowLogDet');

/** Result of {@link logDetOnePlus}. */
interface LogDetOnePlus {
  /** `log det(I + J)` of each sample, `[B]`. */
  readonly logDet: Tensor;
  /**
   * Gradient of the log-determinant with respect to the products of `J` with the unit vectors, `(I + J)^-T` as `[d, B, d]`. Absent where `withGradient` is
   * false and `d > 16`.
   */
  readonly gradient?: Tensor;
}

/**
 * Computes `log det(I + J)` and its gradient from the images of unit tangents, `[d, B, d]`, for maps with Lipschitz
 * constant below one. Runs off the tape.
 *
 * @remarks Cost: about `2 d^3` multiplications per sample. Without the gradient and for `d > 16`, the cost is
 * `2/3 d^3`, and the batch is processed in parts, which bounds the memory.
 */
export const logDetOnePlus = (images: Tensor, withGradient: boolean): LogDetOnePlus => {
  const [dim, batch] = images.shape as [number, number, number];
  const composed = (): readonly [Tensor, Tensor] => {
    const units = tile(expandDims(identity(dim), 0), [batch, 1, 1]);
    const { solution: inverse, logDet } = eliminate(add(units, jacobianOf(images)), units);
    return [logDet, transpose(inverse, [1, 0, 2])];
  };
  if (dim <= FUSED_SIZE || withGradient) {
    const [logDet, gradient] = dim <= KERNEL_SIZE ? logDetKernel.run({ tangents: images }, {}, composed) : composed();
    return { logDet, gradient };
  }
  const most = Math.max(1, Math.floor(ELIMINATED / dim ** 2));
  const parts = Array.from({ length: Math.max(1, Math.ceil(batch / most)) }, (_, i) =>
    scoped(() => {
      const count = Math.min(most, batch - i * most);
      const jacobian = jacobianOf(slice(images, [0, i * most, 0], [dim, count, dim]));
      return eliminate(add(jacobian, identity(dim)), zeros([count, dim, 1])).logDet;
    }),
  );
  return { logDet: parts.length === 1 ? parts[0]! : concat(parts) };
};

/** Largest number of matrix elements, over all samples, in one elimination. In float32 they take 64 MiB. */
const ELIMINATED = 2 ** 24;
