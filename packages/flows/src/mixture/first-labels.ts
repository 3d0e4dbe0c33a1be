import { fold, uniforms, type Key } from '@impflow/core';
import type { MixtureModel } from './mixture-fit.ts';
import type { Moments } from './packed-rows.ts';

/**
 * The probability that a row becomes a center grows with its squared distance per column up to this maximum, in squared
 * standard deviations. Without a maximum, outliers would become centers first.
 */
const FAR = 9;
/** Number of iterations of Lloyd's algorithm. More iterations do not change the result of EM. */
const SWEEPS = 8;

/**
 * Initializes EM: assigns each row of `rows` `[n, d]` to one of `components` clusters. Returns the cluster of each row,
 * `[n]`. The columns are first divided by `scale` `[d]`. Then k-means++ chooses the centers of the clusters, and
 * Lloyd's algorithm moves the centers.
 *
 * @see Arthur, Vassilvitskii, k-means++: The Advantages of Careful Seeding, SODA 2007, section 2.2.
 */
export const firstLabels = (rows: Float64Array, scale: Float64Array, components: number, key: Key): Int32Array => {
  const d = scale.length;
  const count = rows.length / d;
  const points = rows.map((value, at) => value / scale[at % d]!);
  let centres = seeds(points, d, components, key);
  const label = new Int32Array(count);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (let r = 0; r < count; r++) label[r] = closest(points, r * d, centres, d);
    centres = centresOf(points, label, centres, d);
  }
  return label;
};

/**
 * Returns the initial centers. The probability of a row to be the next center grows with its squared distance to the
 * centers so far.
 */
const seeds = (points: Float64Array, d: number, components: number, key: Key): Float64Array => {
  const count = points.length / d;
  const centres = new Float64Array(components * d);
  const u = uniforms(fold(key, 0), components);
  const distances = new Float64Array(count).fill(Infinity);
  let chosen = Math.floor(u[0]! * count);
  for (let k = 0; ; k++) {
    centres.set(points.subarray(chosen * d, (chosen + 1) * d), k * d);
    if (k === components - 1) return centres;
    let total = 0;
    for (let r = 0; r < count; r++)
      total += distances[r] = Math.min(distances[r]!, FAR * d, distance(points, r * d, centres, k * d, d));
    let left = u[k + 1]! * total;
    chosen = 0;
    // If all distances are zero, the first row becomes one more center.
    for (let r = 0; r < count && left > 0; r++) {
      left -= distances[r]!;
      if (distances[r]! > 0) chosen = r;
    }
  }
};

/** Returns the means of the clusters. An empty cluster keeps its center. */
const centresOf = (points: Float64Array, label: Int32Array, before: Float64Array, d: number): Float64Array => {
  const sums = new Float64Array(before.length);
  const sizes = new Float64Array(before.length / d);
  label.forEach((k, r) => {
    sizes[k]! += 1;
    for (let j = 0; j < d; j++) sums[k * d + j]! += points[r * d + j]!;
  });
  return sums.map((sum, at) => (sizes[Math.floor(at / d)] === 0 ? before[at]! : sum / sizes[Math.floor(at / d)]!));
};

const closest = (points: Float64Array, row: number, centres: Float64Array, d: number): number => {
  let [least, found] = [Infinity, 0];
  for (let k = 0; k * d < centres.length; k++) {
    const between = distance(points, row, centres, k * d, d);
    if (between < least) [least, found] = [between, k];
  }
  return found;
};

/** Returns the squared distance between a point of `a` and a point of `b`. */
const distance = (a: Float64Array, atA: number, b: Float64Array, atB: number, d: number): number => {
  let sum = 0;
  for (let j = 0; j < d; j++) {
    const gap = a[atA + j]! - b[atB + j]!;
    sum += gap * gap;
  }
  return sum;
};

/**
 * Returns the moments of clusters for the first maximization step, with the means of the clusters. The cost is
 * `n d^2 / 2` multiplications.
 *
 * @param labels Cluster of each row, `[n]`.
 */
export const momentsOfLabels = (
  rows: Float64Array,
  labels: Int32Array,
  rowWeights: Float64Array,
  { dim: d, components: K, covariance }: Pick<MixtureModel, 'dim' | 'components' | 'covariance'>,
): Moments & Pick<MixtureModel, 'means'> => {
  const totals = new Float64Array(K);
  const means = new Float64Array(K * d);
  labels.forEach((k, r) => {
    totals[k]! += rowWeights[r]!;
    for (let j = 0; j < d; j++) means[k * d + j]! += rowWeights[r]! * rows[r * d + j]!;
  });
  for (let at = 0; at < K * d; at++) means[at]! /= totals[Math.floor(at / d)]! || 1;
  const [full, tied] = [covariance === 'full', covariance === 'tied'];
  const triangle = (d * (d + 1)) / 2;
  const seconds = new Float64Array(full ? K * triangle : tied ? triangle : K * d);
  const gap = new Float64Array(d);
  labels.forEach((k, r) => {
    for (let j = 0; j < d; j++) gap[j] = rows[r * d + j]! - (tied ? 0 : means[k * d + j]!);
    let at = full ? k * triangle : tied ? 0 : k * d;
    for (let i = 0; i < d; i++) {
      const scaled = rowWeights[r]! * gap[i]!;
      if (covariance === 'diagonal') seconds[at++]! += scaled * gap[i]!;
      else for (let j = 0; j <= i; j++) seconds[at++]! += scaled * gap[j]!;
    }
  });
  return { totals, firsts: new Float64Array(K * d), seconds, means };
};
