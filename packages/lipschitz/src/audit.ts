import type { NamedVariables } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { certificateFlops, certifiedConvNorm, MAX_FLOPS } from './conv-certificate.ts';
import { convolveOnHost, convOperator } from './conv-operator.ts';
import { convSymbolBound } from './conv-symbol.ts';
import { largestSingularValue } from './jacobi.ts';
import { matrixOperator } from './linear-operator.ts';

/** The audited norm of one layer. */
export interface NormAudit {
  /** Path of the layer, such as `layers.0`. */
  readonly path: string;
  /** The operator norm of the capped weight, or a proven upper bound of this norm. */
  readonly norm: number;
  /** The cap that `norm` should not exceed. */
  readonly cap: number;
  /**
   * Method that computed `norm`. `jacobi`: the exact norm of a matrix. `cholesky`: a bound for a convolution, which is
   * at most 1.00001 times the norm if the singular vectors that the layer stores are accurate. `symbol`: a bound for a
   * convolution that is too large for `cholesky`. This bound holds for images of any size, see {@link convSymbolBound}.
   */
  readonly method: 'jacobi' | 'cholesky' | 'symbol';
}

/** Options of {@link auditNorms}. */
export interface AuditOptions {
  /** The cap of every layer, or a function from the path of a layer to its cap. */
  readonly coeff: number | ((path: string) => number);
  /**
   * Maximum number of flops of the method `cholesky` for one convolution. A convolution that needs more flops is
   * bounded by `symbol`. Default 1e11, which takes about half a minute.
   */
  readonly maxFlops?: number;
}

/**
 * Computes the spectral norm of every capped weight in float64, by methods that are independent of the methods of the
 * caps.
 *
 * A layer is a parameter `<path>.weight` of rank 2 (dense) or 4 (convolution) with buffers `<path>.u` and `<path>.v`.
 * Parameters of other ranks or without these buffers are skipped. After `refresh({ tolerance: 1e-5 })` the norms are at
 * most `cap (1 + 1e-3)`, except bounds by `symbol`, which may be larger.
 *
 * @remarks Reads the weights from the device. The audit takes thirty times as long as the search for the norms that it
 * checks (docs/decisions/005).
 */
export const auditNorms = (
  { parameters, buffers }: { readonly parameters: NamedVariables; readonly buffers: NamedVariables },
  { coeff, maxFlops = MAX_FLOPS }: AuditOptions,
): readonly NormAudit[] =>
  Object.entries(parameters).flatMap(([name, weight]) => {
    const path = name.replace(/\.weight$/, '');
    const [u, v] = [buffers[`${path}.u`], buffers[`${path}.v`]];
    if (path === name || u === undefined || v === undefined) return [];
    const found = measured(weight, u, v, maxFlops);
    if (found === undefined) return [];
    const cap = typeof coeff === 'number' ? coeff : coeff(path);
    return [{ path, norm: found.norm / Math.max(1, found.sigma / cap), cap, method: found.method }];
  });

/** The true norm of the weight before it is capped, and `sigma = <u, A v>`, the norm that the layer divides by. */
interface Measured extends Pick<NormAudit, 'norm' | 'method'> {
  readonly sigma: number;
}

const measured = (weight: Tensor, u: Tensor, v: Tensor, maxFlops: number): Measured | undefined => {
  if (weight.rank === 2)
    return ofMatrix(weight.dataSync(), weight.shape as [number, number], u.dataSync(), v.dataSync());
  if (weight.rank !== 4) return undefined;
  const [kh, kw, inputs, outputs] = weight.shape as [number, number, number, number];
  // A 1 x 1 filter is a matrix, in the transposed layout of a dense weight.
  if (u.rank === 1) return ofMatrix(weight.dataSync(), [inputs, outputs], v.dataSync(), u.dataSync());
  const [height, width] = u.shape as [number, number];
  const geometry = { height, width, kernel: [kh, kw] as const, inputs, outputs };
  const [values, start] = [weight.dataSync(), v.dataSync()];
  const sigma = dot(u.dataSync(), convolveOnHost(convOperator(values, geometry, 'lipschitz/auditNorms'), start));
  return certificateFlops(geometry) <= maxFlops
    ? { norm: certifiedConvNorm(values, geometry, { start, maxFlops }).upper, sigma, method: 'cholesky' }
    : { norm: convSymbolBound(values, [kh, kw], inputs, outputs), sigma, method: 'symbol' };
};

const ofMatrix = (
  matrix: ArrayLike<number>,
  [rows, columns]: readonly [number, number],
  u: ArrayLike<number>,
  v: ArrayLike<number>,
): Measured => ({
  norm: largestSingularValue(matrix, rows, columns),
  sigma: dot(u, matrixOperator(matrix, rows, columns).times(v)),
  method: 'jacobi',
});

const dot = (a: ArrayLike<number>, b: Float64Array): number => b.reduce((sum, entry, i) => sum + entry * a[i]!, 0);
