import { FlowError, key, normals } from '@impflow/core';
import { isPositiveDefinite } from './banded-cholesky.ts';
import { bandOf, narrowed, narrowest, subtractGramRow } from './conv-gram.ts';
import { convOperator, cropped, scaled, type ConvOperator } from './conv-operator.ts';
import { ritzValue } from './ritz-value.ts';
import type { ConvGeometry } from './weight-action.ts';

/** Default maximum number of floating-point operations, which take about half a minute. */
export const MAX_FLOPS = 1e11;

/** Options of {@link certifiedConvNorm}. */
export interface CertificateOptions {
  /**
   * An approximation of the right singular vector, `[height, width, inputs]`, of any scale, such as the buffer `v` of a
   * layer. Default: a fixed random vector.
   */
  readonly start?: ArrayLike<number>;
  /**
   * Maximum number of flops of one factorization. Operators that need more flops are refused. Default 1e11, which takes
   * about half a minute.
   */
  readonly maxFlops?: number;
}

/** An interval that contains a norm. */
export interface NormBounds {
  /** Lower bound of the norm. */
  readonly lower: number;
  /** Upper bound of the norm. */
  readonly upper: number;
}

/**
 * Returns bounds of the operator norm of a zero-padded convolution, at most 1.1e-5 apart relative to the norm. `upper`
 * is a limit that {@link normIsBelow} proves. `lower` is a limit that {@link normIsBelow} cannot prove, or a singular
 * value that Lanczos' recurrence found.
 *
 * @remarks The bounds hold for any `start`; an inaccurate `start` only costs time. With a 3 x 3 filter, one
 * factorization takes 4 ms for 4 channels of 14 x 14, and 2.6 s for 16 channels of 28 x 28. The Lanczos steps take 40
 * ms for the small images, and 0.8 s for the large images. Usually one factorization is enough. About ten
 * factorizations are needed if the leading singular values are too close for the Lanczos steps to separate. A zero
 * weight has bounds 0; a weight that is not finite has bounds NaN.
 * @throws the errors of {@link normIsBelow}, and `shape` for a `start` of another size.
 */
export const certifiedConvNorm = (
  weight: ArrayLike<number>,
  geometry: ConvGeometry,
  { start, maxFlops }: CertificateOptions = {},
): NormBounds => {
  const { a, scale } = scaled(cropped(convOperator(weight, geometry, 'lipschitz/certifiedConvNorm')));
  affordable(geometry, 'lipschitz/certifiedConvNorm', maxFlops);
  const size = a.height * a.width * a.inputs;
  if (start !== undefined && start.length !== size)
    throw new FlowError('shape', 'lipschitz/certifiedConvNorm', 'Wrong size of the start vector', {
      expected: `${size} numbers`,
      got: String(start.length),
    });
  if (!(scale < Infinity)) return { lower: NaN, upper: NaN };
  if (scale === 0) return { lower: 0, upper: 0 };
  const narrow = narrowed(a);
  // The norm is at least the largest entry of the weight, which is at least 1 after scaling.
  let lower = 1;
  let upper = Infinity;
  // The random start is used only if the given `start` leads to no proven upper bound.
  for (const x of start === undefined ? [normals(key(size), size)] : [start, normals(key(size), size)]) {
    if (upper < Infinity) break;
    const reached = ritzValue(a, x);
    if (!(reached > lower)) continue;
    lower = reached;
    if (gramIsBelow(narrow, lower * (1 + WIDTH))) upper = lower * (1 + WIDTH);
    else lower *= 1 + WIDTH;
  }
  // If a limit cannot be proven, it is a lower bound of the norm, except for rounding errors. So raise the limit in
  // growing steps until it is proven, then bisect.
  for (let step = 10 * WIDTH; upper === Infinity; step *= 10) {
    if (gramIsBelow(narrow, lower * (1 + step))) upper = lower * (1 + step);
    else lower *= 1 + step;
  }
  while (upper - lower > 1.01 * WIDTH * lower) {
    const middle = (lower + upper) / 2;
    if (gramIsBelow(narrow, middle)) upper = middle;
    else lower = middle;
  }
  return { lower: lower * (1 - 1e-7) * scale, upper: upper * scale };
};

/** Largest distance between the lower and the upper bound, relative to the norm. */
const WIDTH = 1e-5;

/**
 * Returns whether the operator norm of a zero-padded convolution is below `limit`. Tests whether `limit^2 I - A^T A` is
 * positive definite, by one banded Cholesky factorization. `true` is a proof that accounts for rounding errors. `false`
 * is not a proof: the norm may be below the limit by less than 1e-8 of the limit.
 *
 * @remarks With `c` the smaller of the numbers of input and output channels, the half-bandwidth is about
 * `((kh - 1) w + kw) c`, and the cost is `h w c` times the square of the half-bandwidth, at about 4 Gflop/s. Returns
 * `false` for a weight that is not finite.
 * @throws `unsupported` if the factorization needs more than `maxFlops` flops; `option` for sizes that are not positive
 * integers or an even filter; `shape` for a weight of another size.
 */
export const normIsBelow = (
  weight: ArrayLike<number>,
  geometry: ConvGeometry,
  limit: number,
  { maxFlops }: Pick<CertificateOptions, 'maxFlops'> = {},
): boolean => {
  const { a, scale } = scaled(cropped(convOperator(weight, geometry, 'lipschitz/normIsBelow')));
  affordable(geometry, 'lipschitz/normIsBelow', maxFlops);
  if (!(scale < Infinity && limit > 0)) return false;
  return scale === 0 || gramIsBelow(narrowed(a), limit / scale);
};

/** Returns whether the spectral norm of `A` is below `limit`. The entries of `A` must be in `[-2, 2]`, and its Gram matrix must have few rows. */
const gramIsBelow = (a: ConvOperator, limit: number): boolean => {
  const { size, halfBandwidth } = bandOf(a);
  // Bound of the rounding errors when A^T A is computed and factored, relative to limit^2.
  const rounding =
    (2 * halfBandwidth + 1) * (halfBandwidth + a.kernel[0] * a.kernel[1] * a.outputs + 8) * Number.EPSILON;
  const square = limit ** 2 * (1 - rounding);
  return (
    square === Infinity ||
    isPositiveDefinite(size, halfBandwidth, (row, into, at) => {
      subtractGramRow(a, row, into, at);
      into[at + row] = into[at + row]! + square;
    })
  );
};

const affordable = (geometry: ConvGeometry, at: string, maxFlops = MAX_FLOPS): void => {
  const flops = certificateFlops(geometry);
  if (flops > maxFlops) {
    throw new FlowError('unsupported', at, 'The operator is too large to factorize', {
      expected: `at most ${maxFlops.toExponential(1)} flops`,
      got: flops.toExponential(1),
      hint: 'Use convSymbolBound, or raise maxFlops.',
    });
  }
};

/** Returns the number of floating-point operations of one factorization. */
export const certificateFlops = (geometry: ConvGeometry): number => {
  const { size, halfBandwidth } = bandOf(narrowest(geometry));
  return size * halfBandwidth ** 2;
};
