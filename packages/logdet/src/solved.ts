import {
  capabilities,
  eliminate,
  FlowError,
  FUSED_SIZE,
  identity,
  sampleNorm,
  scoped,
  sizeOf,
  shown,
  type LogDetEstimator,
  type NetLinearization,
} from '@impflow/core';
import {
  abs,
  add,
  cast,
  concat,
  div,
  expandDims,
  greater,
  logicalAnd,
  maximum,
  mean,
  mul,
  pad,
  reshape,
  slice,
  stack,
  sub,
  sum,
  tensor,
  tile,
  transpose,
  where,
  zerosLike,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { assertCount, probing, type ProbeOptions } from './probes.ts';

/** Options of {@link solved}. */
export interface SolvedOptions extends ProbeOptions {
  /** A sample has converged when `|v - (I + J)^T u| <= rtol |v|`. Default 1e-4. */
  readonly rtol?: number;
  /**
   * Largest number of products with `J^T` per probe. Default 16. The number of products never exceeds the number of
   * entries of an event.
   */
  readonly maxSteps?: number;
}

/**
 * Estimates `log det(I + J)` by Hutchinson probes `v` and solved linear systems. The gradient is
 * `E <(I + J)^-T v, dJ v>`. Only the probes cause variance of the gradient, and only the tolerance causes bias.
 *
 * Arnoldi's method builds an orthonormal basis `Q` of `v, J^T v, (J^T)^2 v, ..` for each sample. Except for the
 * residual, `J^T Q = Q H`. It follows that `(I + t J^T)^-1 v = |v| Q (I + t H)^-1 e_1` for every `t`. At `t = 1`,
 * `(I + t J^T)^-1 v` is the cotangent of the gradient. Also,
 * `v^T log(I + J) v = |v|^2 int_0^1 e_1^T H (I + t H)^-1 e_1 dt` by Gauss-Legendre quadrature. The symmetric parts of
 * `I + t J` and of `I + t H` are positive definite, so no step breaks down.
 *
 * @remarks Step `k` costs one product with `J^T` and `4 k` vector operations. With a gradient, each probe costs one
 * more product, with `J`. A sample that has converged takes no further steps, so its estimate does not depend on other
 * samples.
 * @throws `option` for options out of range.
 * @see Saad, Krylov Subspace Methods for Solving Large Unsymmetric Linear Systems, Math. Comp. 37, 1981 (full
 * orthogonalization); Ubaru, Chen, Saad, Fast Estimation of tr(f(A)) via Stochastic Lanczos Quadrature, SIAM J. Matrix
 * Anal. Appl. 38, 2017.
 */
export const solved = ({ rtol = 1e-4, maxSteps = 16, probe, probes }: SolvedOptions = {}): LogDetEstimator => {
  if (!(typeof rtol === 'number' && rtol > 0))
    throw new FlowError('option', AT, 'Wrong rtol', { expected: 'a positive number', got: shown(rtol) });
  assertCount(AT, 'maxSteps', maxSteps, 1);
  const draw = probing(AT, { probe, probes });
  return Object.freeze<LogDetEstimator>({
    name: 'solved',
    bias: 'truncated',
    estimate: (g, key) =>
      scoped(() => {
        const v = draw(g.value.shape, key);
        const [count, batch] = v.shape as [number, number];
        const size = sampleNorm(reshape(v, [count * batch, sizeOf(v.shape.slice(2))]));
        const { basis, hessenberg } = arnoldi(g, v, size, { rtol, maxSteps });
        const [steps, rows] = basis.shape as [number, number];
        // Solve one system per quadrature node, then the system at t = 1 for the cotangents.
        const times = [...NODES, 1];
        const systems = concat(times.map((t) => add(identity(steps), mul(hessenberg, t))));
        const solutions = reshape(eliminate(systems, unit(steps, times.length * rows)).solution, [
          times.length,
          rows,
          steps,
        ]);
        const top = reshape(slice(hessenberg, [0, 0, 0], [rows, 1, steps]), [1, rows, steps]);
        const integrand = sum(mul(slice(solutions, [0, 0, 0], [NODES.length, rows, steps]), top), 2);
        const integral = sum(mul(integrand, tensor(WEIGHTS, [NODES.length, 1])), 0);
        const logDet = mean(reshape(mul(integral, mul(size, size)), [count, batch]), 0);
        if (!g.tracked) return { logDet };
        const last = reshape(slice(solutions, [NODES.length, 0, 0], [1, rows, steps]), [rows, steps]);
        const scaled = mul(last, expandDims(div(size, count), 1));
        return { logDet, pair: { pushed: g.push(v), cotangents: reshape(combined(basis, scaled), v.shape) } };
      }),
  });
};

const AT = 'logdet/solved';

/** The Krylov space of each row. */
interface Krylov {
  /**
   * Basis of the Krylov space, `[k, R, d]`, orthonormal for each row. After a row has converged, its further vectors
   * are zero.
   */
  readonly basis: Tensor;
  /** The matrix `H`, `[R, k, k]`. */
  readonly hessenberg: Tensor;
}

/**
 * Builds the Krylov space of each row of `v [P, B, ...]`. A row is one of `P` probes of one of `B` samples, so there
 * are `R = P B` rows. `size [R]` contains the norms of the rows.
 */
const arnoldi = (
  g: NetLinearization,
  v: Tensor,
  size: Tensor,
  { rtol, maxSteps }: Required<Pick<SolvedOptions, 'rtol' | 'maxSteps'>>,
): Krylov => {
  const dim = sizeOf(v.shape.slice(2));
  const rows = v.shape[0]! * v.shape[1]!;
  const most = Math.min(maxSteps, dim);
  const looks = capabilities().syncRead;
  // `columns` contains the columns of H, [R, most + 1] each. `hessenberg` returns H of the first `k` steps. Large
  // systems are padded to one fixed size. Systems of different sizes round differently, and then the result of a row
  // would depend on the number of steps of other rows.
  const columns: Tensor[] = [];
  const column = (above: Tensor, below: Tensor, k: number): Tensor =>
    pad(concat([above, expandDims(below, 1)], 1), [
      [0, 0],
      [0, most - k],
    ]);
  const hessenberg = (k: number): Tensor => {
    const n = most <= FUSED_SIZE ? k : most;
    return slice(
      pad(stack(columns, 2), [
        [0, 0],
        [0, 0],
        [0, n - k],
      ]),
      [0, 0, 0],
      [rows, n, n],
    );
  };
  let basis = reshape(div(reshape(v, [rows, dim]), expandDims(size, 1)), [1, rows, dim]);
  for (let k = 1; ; k++) {
    const newest = slice(basis, [k - 1, 0, 0], [1, rows, dim]);
    const image = reshape(g.vjp(reshape(newest, v.shape)), [rows, dim]);
    // Gram-Schmidt is applied twice, because in float32 one pass does not reach orthogonality.
    const first = inner(basis, image);
    const once = sub(image, combined(basis, first));
    const second = inner(basis, once);
    const rest = sub(once, combined(basis, second));
    const [above, below] = [add(first, second), sampleNorm(rest)];
    columns.push(column(above, below, k));
    const h = hessenberg(k);
    if (k === most) return { basis, hessenberg: h };
    // For a v of norm 1, the residual of the system at t = 1 is |e_k^T (I + H)^-1 e_1| times the norm of the new
    // vector.
    const n = h.shape[1]!;
    const weights = reshape(eliminate(add(identity(n), h), unit(n, rows)).solution, [rows, n]);
    const residual = mul(below, abs(reshape(slice(weights, [0, k - 1], [rows, 1]), [rows])));
    // For NaN, `active` is false, so a row that is not finite does not delay other rows. A zero below the diagonal of H
    // decouples the later columns.
    const active = logicalAnd(greater(residual, rtol), greater(below, 0));
    if (looks && Array.from(active.dataSync<'bool'>()).every((flag) => !flag))
      return { basis: padded(basis, n), hessenberg: h };
    const kept = where(active, below, zerosLike(below));
    columns[k - 1] = column(above, kept, k);
    const next = mul(
      where(reshape(active, [rows, 1]), rest, zerosLike(rest)),
      expandDims(div(cast(active, 'float32'), maximum(kept, 1e-30)), 1),
    );
    basis = concat([basis, expandDims(next, 0)]);
  }
};

/** Pads the basis with zeros to `n` vectors. */
const padded = (basis: Tensor, n: number): Tensor =>
  basis.shape[0] === n
    ? basis
    : pad(basis, [
        [0, n - basis.shape[0]!],
        [0, 0],
        [0, 0],
      ]);

/** Returns the unit vector `e_1` for each row, as a right-hand side, `[rows, k, 1]`. */
const unit = (k: number, rows: number): Tensor =>
  tile(
    tensor(
      Float32Array.from({ length: k }, (_, i) => (i === 0 ? 1 : 0)),
      [1, k, 1],
    ),
    [rows, 1, 1],
  );

/** Returns the inner products of each row with its basis vectors, `[k, R, d], [R, d] -> [R, k]`. */
const inner = (basis: Tensor, x: Tensor): Tensor => transpose(sum(mul(basis, x), 2));

/** Returns the combination `sum_k weights[:, k] basis[k]`, `[k, R, d], [R, k] -> [R, d]`. */
const combined = (basis: Tensor, weights: Tensor): Tensor => sum(mul(basis, expandDims(transpose(weights), 2)), 0);

// Gauss-Legendre quadrature on [0, 1] with 12 nodes. The error is about 1e-5 if the eigenvalues of J are at least -0.9.
const HALF = [
  [0.1252334085114689, 0.2491470458134028],
  [0.3678314989981802, 0.2334925365383548],
  [0.5873179542866175, 0.2031674267230659],
  [0.7699026741943047, 0.1600783285433462],
  [0.9041172563704749, 0.1069393259953184],
  [0.9815606342467192, 0.0471753363865118],
] as const;
const NODES = HALF.flatMap(([x]) => [(1 - x) / 2, (1 + x) / 2]);
const WEIGHTS = HALF.flatMap(([, w]) => [w / 2, w / 2]);
