// Computes means with their standard errors, and differences between contenders on the same rows.
import { mean, variance } from '../bench/statistics.mjs';

/** @typedef {{ difference: number; variance: number }} Difference */

/**
 * Returns the mean negative log-density in nats per row (lower is better), with its standard error over rows. A row of
 * density 0 makes the mean infinite.
 *
 * @param {readonly number[]} logDensities
 * @throws if there are no log-densities, or if one is NaN or Infinity.
 */
export const heldOut = (logDensities) => {
  const rows = logDensities.length;
  const impossible = logDensities.filter((value) => value === -Infinity).length;
  if (rows === 0 || logDensities.some((value) => !(value < Infinity)))
    throw new Error('[study] Wrong log-densities: expected numbers, got none, NaN or Infinity.');
  if (impossible > 0) return { nats: Infinity, standardError: Infinity, rows, impossible };
  return { nats: -mean(logDensities), standardError: Math.sqrt(variance(logDensities) / rows), rows, impossible };
};

/**
 * Combines the differences of several seeds, and their variances, into `{ difference, standardError, seeds }`.
 *
 * @remarks The error is the larger of two estimates: one from the rows, and one from the differences between seeds. The
 *   second estimate includes the randomness of training and split, but is inaccurate with few seeds.
 *
 * @param {readonly Difference[]} differences
 */
export const combined = (differences) => {
  const seeds = differences.length;
  const fromRows = Math.sqrt(differences.reduce((sum, each) => sum + each.variance, 0)) / seeds;
  const values = differences.map((each) => each.difference);
  return { difference: mean(values), standardError: Math.max(fromRows, Math.sqrt(variance(values) / seeds)), seeds };
};

/**
 * Returns the mean loss of `other` minus the mean loss of `best`, in nats per row, from log-densities of the same rows,
 * and the variance of this difference.
 *
 * @param {readonly number[]} other
 * @param {readonly number[]} best
 * @returns {Difference}
 */
export const pairedNats = (other, best) => {
  const gaps = best.map((value, row) => value - other[row]);
  return { difference: mean(gaps), variance: variance(gaps) / gaps.length };
};

/**
 * Returns the ranks of numbers, from 1. Equal numbers have the mean of their ranks.
 *
 * @param {readonly number[]} numbers
 */
const ranks = (numbers) => {
  const order = Array.from(numbers.keys()).sort((a, b) => numbers[a] - numbers[b]);
  /** @type {number[]} */
  const found = Array.from({ length: numbers.length });
  for (let from = 0, to = 0; from < order.length; from = to) {
    while (to < order.length && numbers[order[to]] === numbers[order[from]]) to++;
    for (let i = from; i < to; i++) found[order[i]] = (from + to + 1) / 2;
  }
  return found;
};

/**
 * Returns for each anomaly the share of normal rows with a lower score, and for each normal row the share of anomalies
 * with a higher score. Equal scores count half. A higher score is more anomalous. The first `normal` scores belong to
 * normal rows.
 *
 * @param {readonly number[]} scores
 * @param {number} normal
 */
const placements = (scores, normal) => {
  const [inside, outside] = [scores.slice(0, normal), scores.slice(normal)];
  const [all, amongInside, amongOutside] = [ranks(scores), ranks(inside), ranks(outside)];
  return {
    ofAnomalies: outside.map((_, i) => (all[normal + i] - amongOutside[i]) / inside.length),
    ofNormal: inside.map((_, i) => 1 - (all[i] - amongInside[i]) / outside.length),
  };
};

/**
 * @param {readonly number[]} a
 * @param {readonly number[]} b
 */
const difference = (a, b) => a.map((value, i) => value - b[i]);

/**
 * Returns `{ auc, standardError, averagePrecision }` of scores. The order of the scores is described at `placements`.
 *
 * @param {readonly number[]} scores
 * @param {number} normal
 */
export const ranking = (scores, normal) => {
  const { ofAnomalies, ofNormal } = placements(scores, normal);
  return {
    auc: mean(ofAnomalies),
    standardError: Math.sqrt(variance(ofAnomalies) / ofAnomalies.length + variance(ofNormal) / ofNormal.length),
    averagePrecision: averagePrecision(scores, normal),
  };
};

/**
 * Returns the sum over thresholds of the precision times the gain in recall. Equal scores have one threshold.
 *
 * @param {readonly number[]} scores
 * @param {number} normal
 */
const averagePrecision = (scores, normal) => {
  const order = Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a]);
  const anomalies = scores.length - normal;
  let [sum, found] = [0, 0];
  for (let from = 0, to = 0; from < order.length; from = to) {
    while (to < order.length && scores[order[to]] === scores[order[from]]) to++;
    const more = order.slice(from, to).filter((row) => row >= normal).length;
    found += more;
    sum += (more / anomalies) * (found / to);
  }
  return sum;
};

/**
 * Returns how far the AUC of `other` is below the AUC of `best`, and the variance of this difference.
 *
 * @param {readonly number[]} other
 * @param {readonly number[]} best
 * @param {number} normal
 * @returns {Difference}
 * @see DeLong, DeLong, Clarke-Pearson, Comparing the areas under two or more correlated receiver operating
 * characteristic curves, Biometrics 44, 1988.
 */
export const pairedAuc = (other, best, normal) => {
  const [a, b] = [placements(best, normal), placements(other, normal)];
  const [anomalies, rest] = [difference(a.ofAnomalies, b.ofAnomalies), difference(a.ofNormal, b.ofNormal)];
  return {
    difference: mean(anomalies),
    variance: variance(anomalies) / anomalies.length + variance(rest) / rest.length,
  };
};
