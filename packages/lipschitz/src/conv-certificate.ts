import { FlowError, key, normals } from '@impflow/core';
import { isPositiveDefinite } from './banded-cholesky.ts';
import { bandOf, narrowed, narrowest, subtractGramRow } from './conv-gram.ts';
import { convOperator, cropped, scaled, type ConvOperator } from './conv-operator.ts';
import { ritzValue } from './ritz-value.ts';
import type { ConvGeometry } from './weight-action.ts';

/** About half a minute. */
export const MAX_FLOPS = 1e11;

export interface CertificateOptions {
  /** A guess at the right singular vector, `[height, width, inputs]` of any scale, such as a layer's own `v`. */
  readonly start?: ArrayLike<number>;
  /** Refuses what costs more per factorisation. Default 1e11, about half a minute. */
  readonly maxFlops?: number;
}

/** A norm lies in `[lower, upper]`. */
export interface NormBounds {
  readonly lower: number;
  readonly upper: number;
}

/**
 * Bounds of the operator norm of a zero-padded convolution, not more than 1.1e-5 of it apart: `upper` is a limit that
 * {@link normIsBelow} proves, `lower` one that it cannot prove, or what some steps of Lanczos' recurrence reach.
 *
 * @remarks Right however wrong `start` is. A factorisation costs 4 ms for 4 channels of 14 x 14 and a 3 x 3 filter, 2.6 s for 16
 * of 28 x 28; mostly it takes one, some ten where singular values agree so nearly that those steps do not part them, and the steps cost 40 ms and 0.8 s.
 * A zero weight has bounds 0, one that is not finite NaN.
 * @throws As {@link normIsBelow}; `shape` for a start of another size.
 */
export const certifiedConvNorm = (weight: ArrayLike<number>, geometry: ConvGeometry, { start, maxFlops }: CertificateOptions = {}): NormBounds => {
  const { a, scale } = scaled(cropped(convOperator(weight, geometry, 'lipschitz/certifiedConvNorm')));
  affordable(geometry, 'lipschitz/certifiedConvNorm', maxFlops);
  const size = a.height * a.width * a.inputs;
  if (start !== undefined && start.length !== size) throw new FlowError('shape', 'lipschitz/certifiedConvNorm', 'Wrong size of a start', { expected: `${size} numbers`, got: String(start.length) });
  if (!(scale < Infinity)) return { lower: NaN, upper: NaN };
  if (scale === 0) return { lower: 0, upper: 0 };
  const narrow = narrowed(a);
  // No operator is smaller than its largest entry.
  let lower = 1;
  let upper = Infinity;
  // The random start costs its steps only where the guess turns out not to be good.
  for (const x of start === undefined ? [normals(key(size), size)] : [start, normals(key(size), size)]) {
    if (upper < Infinity) break;
    const reached = ritzValue(a, x);
    if (!(reached > lower)) continue;
    lower = reached;
    if (gramIsBelow(narrow, lower * (1 + WIDTH))) upper = lower * (1 + WIDTH);
    else lower *= 1 + WIDTH;
  }
  // What cannot be proven is false, but for the last digits: limits in growing steps, then halving.
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

/** How far apart the bounds may be, relative to the norm. */
const WIDTH = 1e-5;

/**
 * Whether the operator norm of a zero-padded convolution is below `limit`, without iteration: whether
 * `limit^2 I - A^T A` is positive definite, by one banded Cholesky factorisation ({@link isPositiveDefinite}). True is a
 * proof, rounding included; false may also mean that the norm is less than 1e-8 below the limit.
 *
 * @remarks With `c` channels on the smaller side the half-bandwidth is about `((kh - 1) w + kw) c`, and the cost
 * `h w c` times its square, at about 4 Gflop/s. False where the weight is not finite.
 * @throws `unsupported` above `maxFlops`; `option` and `shape` for a geometry that is none or not that of the weight.
 */
export const normIsBelow = (weight: ArrayLike<number>, geometry: ConvGeometry, limit: number, { maxFlops }: Pick<CertificateOptions, 'maxFlops'> = {}): boolean => {
  const { a, scale } = scaled(cropped(convOperator(weight, geometry, 'lipschitz/normIsBelow')));
  affordable(geometry, 'lipschitz/normIsBelow', maxFlops);
  if (!(scale < Infinity && limit > 0)) return false;
  return scale === 0 || gramIsBelow(narrowed(a), limit / scale);
};

/** Whether `|A| < limit` for an `A` with entries in [-2, 2] and narrow Gram matrix. */
const gramIsBelow = (a: ConvOperator, limit: number): boolean => {
  const { size, halfBandwidth } = bandOf(a);
  // What rounding can add to the norm of A^T A while it is formed and while it is factorised, relative to limit^2.
  const rounding = (2 * halfBandwidth + 1) * (halfBandwidth + a.kernel[0] * a.kernel[1] * a.outputs + 8) * Number.EPSILON;
  const square = limit ** 2 * (1 - rounding);
  return square === Infinity || isPositiveDefinite(size, halfBandwidth, (row, into, at) => {
    subtractGramRow(a, row, into, at);
    into[at + row] = into[at + row]! + square;
  });
};

const affordable = (geometry: ConvGeometry, at: string, maxFlops = MAX_FLOPS): void => {
  const flops = certificateFlops(geometry);
  if (flops > maxFlops) {
    throw new FlowError('unsupported', at, 'Too large an operator to factorise', {
      expected: `at most ${maxFlops.toExponential(1)} flops`, got: flops.toExponential(1), hint: 'Use convSymbolBound, or raise maxFlops.',
    });
  }
};

/** What one factorisation costs. */
export const certificateFlops = (geometry: ConvGeometry): number => {
  const { size, halfBandwidth } = bandOf(narrowest(geometry));
  return size * halfBandwidth ** 2;
};
