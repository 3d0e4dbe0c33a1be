import { FlowError, choleskyInPlace } from '@impflow/core';
import type { MixtureCovariance, MixtureModel } from './mixture-fit.ts';

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

/** Posterior probability below which a component ignores a row. */
export const NEGLIGIBLE = 1e-12;

/** Posterior probabilities of the components at each row, and the weights of the rows. */
interface Responsibilities {
  /** Posterior probabilities `[n, K]`. */
  readonly shares: Float64Array;
  /** Weights of the rows, `[n]`, with a mean of about 1. */
  readonly weights: Float64Array;
}

/**
 * Runs the maximization step: returns the mixture with the largest expected likelihood. `rows` is `[n, d]` with columns
 * of mean 0.
 *
 * @remarks The step costs `n K d^2 / 2` multiplications for full covariances, or fewer if posterior probabilities are
 * near zero. For a tied covariance it costs `n d^2 / 2`.
 * @throws `input` for a covariance that is not positive definite even with a larger ridge. The cause is a column that
 * is constant or not finite.
 */
export const maximization = (
  rows: Float64Array,
  responsibilities: Responsibilities,
  { dim: d, components: K }: Pick<MixtureModel, 'dim' | 'components'>,
  restraint: Restraint,
): MixtureModel => {
  const count = rows.length / d;
  const { shares, weights: rowWeights } = responsibilities;
  const { covariance, pooling } = restraint;
  // Start at a positive number, because a component without rows would cause a division by zero.
  const totals = new Float64Array(K).fill(10 * Number.EPSILON);
  const means = new Float64Array(K * d);
  for (let r = 0; r < count; r++) {
    for (let k = 0; k < K; k++) {
      const share = rowWeights[r]! * shares[r * K + k]!;
      if (share < NEGLIGIBLE) continue;
      totals[k]! += share;
      for (let j = 0; j < d; j++) means[k * d + j]! += share * rows[r * d + j]!;
    }
  }
  for (let at = 0; at < K * d; at++) means[at]! /= totals[Math.floor(at / d)]!;
  const all = totals.reduce((sum, total) => sum + total, 0);
  const weights = totals.map((total) => total / all);
  const base = { dim: d, components: K, covariance, weights, means };
  if (covariance === 'diagonal')
    return {
      ...base,
      factors: inverseDeviations(
        pooled(diagonalSpread(rows, responsibilities, base, totals), base, pooling),
        restraint,
      ),
    };
  const covariances =
    covariance === 'tied'
      ? tiedSpread(rows, sharesOfRows(responsibilities, K), base)
      : pooled(fullSpread(rows, responsibilities, base, totals), base, pooling);
  return { ...base, factors: precisionFactors(covariances, d, restraint) };
};

/**
 * Returns the weight of each row times the sum of its posterior probabilities over all components, `[n]`. The sum is
 * less than 1 if the fit has the option `floor`.
 */
const sharesOfRows = ({ shares, weights }: Responsibilities, K: number): Float64Array =>
  weights.map((weight, r) => {
    let sum = 0;
    for (let k = r * K; k < (r + 1) * K; k++) sum += shares[k]!;
    return weight * sum;
  });

/**
 * Returns the tied covariance, `[d, d]`, as a lower triangle: the covariance of the rows minus the covariance of the
 * means.
 */
const tiedSpread = (
  rows: Float64Array,
  rowWeights: Float64Array,
  { dim: d, components: K, weights, means }: Pick<MixtureModel, 'dim' | 'components' | 'weights' | 'means'>,
): Float64Array => {
  const out = new Float64Array(d * d);
  const each = 1 / rowWeights.reduce((sum, weight) => sum + weight, 0);
  const gather = (values: Float64Array, begin: number, weight: number): void => {
    for (let i = 0; i < d; i++) {
      const scaled = weight * values[begin + i]!;
      for (let j = 0; j <= i; j++) out[i * d + j]! += scaled * values[begin + j]!;
    }
  };
  for (let r = 0; r < rowWeights.length; r++) gather(rows, r * d, each * rowWeights[r]!);
  for (let k = 0; k < K; k++) gather(means, k * d, -weights[k]!);
  return out;
};

/** Returns the covariance of each component as a lower triangle, `[K, d, d]`. */
const fullSpread = (
  rows: Float64Array,
  { shares, weights }: Responsibilities,
  { dim: d, components: K, means }: Pick<MixtureModel, 'dim' | 'components' | 'means'>,
  totals: Float64Array,
): Float64Array => {
  const out = new Float64Array(K * d * d);
  const gap = new Float64Array(d);
  for (let r = 0; r < rows.length / d; r++) {
    for (let k = 0; k < K; k++) {
      const share = weights[r]! * shares[r * K + k]!;
      if (share < NEGLIGIBLE) continue;
      for (let j = 0; j < d; j++) gap[j] = rows[r * d + j]! - means[k * d + j]!;
      for (let i = 0, at = k * d * d; i < d; i++, at += d) {
        const scaled = share * gap[i]!;
        for (let j = 0; j <= i; j++) out[at + j]! += scaled * gap[j]!;
      }
    }
  }
  for (let at = 0; at < out.length; at++) out[at]! /= totals[Math.floor(at / (d * d))]!;
  return out;
};

/** Returns the variances of each component, `[K, d]`. */
const diagonalSpread = (
  rows: Float64Array,
  { shares, weights }: Responsibilities,
  { dim: d, components: K, means }: Pick<MixtureModel, 'dim' | 'components' | 'means'>,
  totals: Float64Array,
): Float64Array => {
  const out = new Float64Array(K * d);
  for (let r = 0; r < rows.length / d; r++) {
    for (let k = 0; k < K; k++) {
      const share = weights[r]! * shares[r * K + k]!;
      if (share < NEGLIGIBLE) continue;
      for (let j = 0; j < d; j++) out[k * d + j]! += share * (rows[r * d + j]! - means[k * d + j]!) ** 2;
    }
  }
  for (let at = 0; at < out.length; at++) out[at]! /= totals[Math.floor(at / d)]!;
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
