import { FlowError, choleskyInPlace } from '@impflow/core';
import type { MixtureCovariance, MixtureModel } from './mixture-fit.ts';
import type { Moments } from './packed-rows.ts';

/** Kind and regularization of the covariances. */
export interface Restraint {
  readonly covariance: MixtureCovariance;
  /** Number that is added to the variances of each column, `[d]`. */
  readonly ridge: Float64Array;
  /** How far each full or tied covariance is shrunk towards its diagonal, in `[0, 1]`. */
  readonly shrinkage: number;
  /** How far each component's covariance is shrunk towards the pooled covariance, in `[0, 1]`. */
  readonly pooling: number;
}

/**
 * Runs the maximization step: returns the mixture with the largest expected likelihood.
 *
 * @param moments Sums over rows whose columns have a mean of 0, around the means of `before`.
 * @throws `input` for a covariance that is not positive definite even with a larger ridge. The cause is a column that
 * is constant or not finite.
 */
export const maximization = (
  { totals: sums, firsts, seconds }: Moments,
  before: Pick<MixtureModel, 'dim' | 'components' | 'means'>,
  restraint: Restraint,
): MixtureModel => {
  const { dim: d, components: K } = before;
  const { covariance, pooling } = restraint;
  // Add a small number, because a component without rows would cause a division by zero.
  const totals = sums.map((total) => total + 10 * Number.EPSILON);
  const all = totals.reduce((sum, total) => sum + total, 0);
  const weights = totals.map((total) => total / all);
  const moves = firsts.map((sum, at) => sum / totals[Math.floor(at / d)]!);
  const means = moves.map((move, at) => before.means[at]! + move);
  const base = { dim: d, components: K, covariance, weights, means };
  if (covariance === 'diagonal') {
    const spread = seconds.map((sum, at) => sum / totals[Math.floor(at / d)]! - moves[at]! ** 2);
    return { ...base, factors: inverseDeviations(pooled(spread, base, pooling), restraint) };
  }
  const spread =
    covariance === 'tied'
      ? tiedSpread(seconds, all, base)
      : pooled(fullSpread(seconds, totals, moves, before), base, pooling);
  return { ...base, factors: precisionFactors(spread, d, restraint) };
};

/** Returns the covariance of each component as a lower triangle, `[K, d, d]`. */
const fullSpread = (
  seconds: Float64Array,
  totals: Float64Array,
  moves: Float64Array,
  { dim: d, components: K }: Pick<MixtureModel, 'dim' | 'components'>,
): Float64Array => {
  const out = new Float64Array(K * d * d);
  for (let k = 0, at = 0; k < K; k++)
    for (let i = 0; i < d; i++)
      for (let j = 0; j <= i; j++)
        out[(k * d + i) * d + j] = seconds[at++]! / totals[k]! - moves[k * d + i]! * moves[k * d + j]!;
  return out;
};

/**
 * Returns the tied covariance, `[d, d]`, as a lower triangle: the covariance of the rows minus the covariance of the
 * means.
 */
const tiedSpread = (
  seconds: Float64Array,
  total: number,
  { dim: d, components: K, weights, means }: Pick<MixtureModel, 'dim' | 'components' | 'weights' | 'means'>,
): Float64Array => {
  const out = new Float64Array(d * d);
  for (let i = 0, at = 0; i < d; i++)
    for (let j = 0; j <= i; j++) {
      let sum = seconds[at++]! / total;
      for (let k = 0; k < K; k++) sum -= weights[k]! * means[k * d + i]! * means[k * d + j]!;
      out[i * d + j] = sum;
    }
  return out;
};

/** Mixes the covariance of each component with the weighted mean over all components. Overwrites `spread`. */
const pooled = (
  spread: Float64Array,
  { components: K, weights }: Pick<MixtureModel, 'components' | 'weights'>,
  share: number,
): Float64Array => {
  if (share === 0 || K === 1) return spread;
  const size = spread.length / K;
  for (let at = 0; at < size; at++) {
    let mean = 0;
    for (let k = 0; k < K; k++) mean += weights[k]! * spread[k * size + at]!;
    for (let k = 0; k < K; k++) spread[k * size + at] = (1 - share) * spread[k * size + at]! + share * mean;
  }
  return spread;
};

const inverseDeviations = (variances: Float64Array, { ridge }: Restraint): Float64Array =>
  variances.map((variance, at) => {
    const sum = variance + ridge[at % ridge.length]!;
    if (!(sum > 0)) throw degenerate();
    return 1 / Math.sqrt(sum);
  });

const precisionFactors = (covariances: Float64Array, d: number, { ridge, shrinkage }: Restraint): Float64Array => {
  const out = new Float64Array(covariances.length);
  for (let begin = 0; begin < covariances.length; begin += d * d) {
    const own = covariances.subarray(begin, begin + d * d);
    for (let i = 0; i < d; i++) {
      own[i * d + i]! += ridge[i]!;
      for (let j = 0; j < i; j++) own[i * d + j]! *= 1 - shrinkage;
    }
    // Factorize a copy. If the factorization fails, increase the diagonal and try again.
    let extra = 0;
    while (
      !writePrecisionFactor(
        own.map((entry, at) => (at % (d + 1) === 0 ? entry * (1 + extra) : entry)),
        d,
        out,
        begin,
      )
    ) {
      if (extra >= 1) throw degenerate();
      extra = extra === 0 ? 1e-10 : 10 * extra;
    }
  }
  return out;
};

const degenerate = (): FlowError =>
  new FlowError('input', 'flows/fitMixture', 'The covariance of a component is singular', {
    expected: 'finite columns that vary',
    got: 'a covariance that is not positive definite',
    hint: 'Leave constant columns out, or increase ridge.',
  });

/**
 * Writes the lower triangle `A` with `A^T A = S^-1` into `out`, from index `at` on: the inverse of the Cholesky factor
 * of the covariance `S` `[d, d]`. Reads the lower triangle of `S` and overwrites it. Returns false, and writes nothing
 * to `out`, if `S` is not positive definite in float64.
 *
 * @remarks The function costs `2 d^3 / 3` multiplications.
 */
const writePrecisionFactor = (S: Float64Array, d: number, out: Float64Array, at = 0): boolean => {
  if (choleskyInPlace(S, d) >= 0) return false;
  out.fill(0, at, at + d * d);
  for (let j = 0; j < d; j++) {
    out[at + j * d + j] = 1 / S[j * d + j]!;
    for (let i = j + 1; i < d; i++) {
      let sum = 0;
      for (let k = j; k < i; k++) sum -= S[i * d + k]! * out[at + k * d + j]!;
      out[at + i * d + j] = sum / S[i * d + i]!;
    }
  }
  return true;
};
