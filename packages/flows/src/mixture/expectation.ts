import type { MixtureModel } from './mixture-fit.ts';

/** Buffers that the expectation step writes. */
interface Expectation {
  /** `log p` of each row in nats, `[n]`. */
  readonly logProbs: Float64Array;
  /** Posterior probability of each component given each row, `[n, K]`. */
  readonly shares: Float64Array;
  /** The likeliest component of each row, `[n]`. The next expectation step evaluates the likeliest component first. */
  readonly nearest: Int32Array;
}

/** Returns zeroed buffers for `rows` rows and `components` components. */
export const newExpectation = (rows: number, components: number): Expectation => ({
  logProbs: new Float64Array(rows),
  shares: new Float64Array(rows * components),
  nearest: new Int32Array(rows),
});

/**
 * Costs, counted in multiplications: `EXPONENTIAL` for one exponential, and `EACH` as the minimum for one row and one
 * component.
 */
const EXPONENTIAL = 20;
const EACH = 10;
/**
 * A component is ignored if its log-density is 45 nats below the log-density of the likeliest component: `e^-45` is
 * less than the rounding of float64.
 */
const NEGLIGIBLE = 45;

/**
 * Runs the expectation step: writes densities and posterior probabilities of `rows` `[n, d]` under a mixture. Returns
 * the cost of the step in multiplications. An exponential counts as 20 multiplications.
 *
 * @param floor A fixed density that is added to the mixture, given by its logarithm at each row, `[n]`. The posterior
 * probabilities of the components then add up to less than 1.
 * @remarks The step costs up to `n K d^2 / 2` multiplications. The computation for a component stops as soon as its
 * distance to the row makes it negligible.
 */
export const expectation = (
  model: MixtureModel,
  rows: Float64Array,
  { logProbs, shares, nearest }: Expectation,
  floor?: Float64Array,
): number => {
  const { dim: d, components: K, covariance } = model;
  const count = logProbs.length;
  const constants = constantsOf(model);
  // With a tied covariance, rows and means are whitened once for all components.
  const tied = covariance === 'tied';
  const points = tied ? whitened(rows, count, model) : rows;
  const means = tied ? whitened(model.means, K, model) : model.means;
  const factors = tied ? new Float64Array(d).fill(1) : model.factors;
  const full = covariance === 'full';
  const stride = full ? d * d : tied ? 0 : d;
  const gap = new Float64Array(d);
  let work = count * (K * EACH + (tied ? (d * d) / 2 : 0));
  for (let r = 0; r < count; r++) {
    const row = r * d;
    const first = nearest[r]!;
    const least = floor?.[r] ?? -Infinity;
    let best = least;
    let likeliest = first;
    for (let turn = 0; turn < K; turn++) {
      const k = turn === 0 ? first : turn <= first ? turn - 1 : turn;
      const limit = 2 * (constants[k]! - best + NEGLIGIBLE);
      let square = 0;
      if (full) {
        let i = 0;
        for (let at = k * stride; i < d && square <= limit; i++, at += d) {
          gap[i] = points[row + i]! - means[k * d + i]!;
          let y = 0;
          for (let j = 0; j <= i; j++) y += factors[at + j]! * gap[j]!;
          square += y * y;
        }
        work += (i * i) / 2;
      } else {
        for (let j = 0; j < d && square <= limit; j++) {
          const y = (points[row + j]! - means[k * d + j]!) * factors[k * stride + j]!;
          square += y * y;
        }
      }
      const joint = square > limit ? -Infinity : constants[k]! - square / 2;
      shares[r * K + k] = joint;
      if (joint > best) [best, likeliest] = [joint, k];
    }
    let sum = least === -Infinity ? 0 : Math.exp(least - best);
    for (let k = r * K; k < (r + 1) * K; k++) {
      const joint = shares[k]!;
      if (joint === -Infinity) shares[k] = 0;
      else {
        sum += shares[k] = Math.exp(joint - best);
        work += EXPONENTIAL;
      }
    }
    for (let k = r * K; k < (r + 1) * K; k++) shares[k]! /= sum;
    logProbs[r] = best + Math.log(sum);
    nearest[r] = likeliest;
  }
  return work;
};

/** Returns `log weight + log det A - d/2 log 2 pi` of each component. */
const constantsOf = ({ dim: d, components: K, covariance, weights, factors }: MixtureModel): Float64Array =>
  Float64Array.from({ length: K }, (_, k) => {
    const begin = covariance === 'tied' ? 0 : k * (covariance === 'full' ? d * d : d);
    const step = covariance === 'diagonal' ? 1 : d + 1;
    let sum = Math.log(weights[k]!) - 0.5 * d * Math.log(2 * Math.PI);
    for (let j = 0; j < d; j++) sum += Math.log(factors[begin + j * step]!);
    return sum;
  });

/** Returns `A x` of each row `x`. */
const whitened = (rows: Float64Array, count: number, { dim: d, factors }: MixtureModel): Float64Array => {
  const out = new Float64Array(count * d);
  for (let at = 0; at < count * d; at += d) {
    for (let i = 0; i < d; i++) {
      let y = 0;
      for (let j = 0; j <= i; j++) y += factors[i * d + j]! * rows[at + j]!;
      out[at + i] = y;
    }
  }
  return out;
};
