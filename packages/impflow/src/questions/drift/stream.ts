import { fold, uniforms, type Key } from '@impflow/core';
import { normalQuantile } from '@impflow/tables';
import type { Feature } from './features.ts';

/** Result of watching the new rows in their order. */
export interface Watched {
  /** Anytime-valid p-value: the probability that a stream without drift has evidence as large at any of its rows. */
  readonly pValue: number;
  /** Index of the row at which the evidence first reached `1 / alpha`, or undefined. */
  readonly alarm: number | undefined;
  /** Index of the row at which the change probably happened. Only if there was an alarm. */
  readonly since: number | undefined;
  /** Index of the feature that raised the alarm. Only if there was an alarm. */
  readonly feature: number | undefined;
  /** Logarithm, to base 10, of the evidence after each row, `[rows]`. */
  readonly evidence: Float64Array;
}

/** The bets: how far the normal scores of the p-values shift. 0 bets nothing. */
const BETS = [0, -1, -0.5, -0.2, 0.2, 0.5, 1] as const;
/** Share of the capital that is distributed over all bets after each row. */
const JUMP = 5e-4;
/** Share of the capital with which no bet begins. */
const IDLE = 0.5;
/** Number of intervals of p-values in which a bet is constant. */
const BINS = 1024;

/**
 * Watches rows in their order. For each feature, a row gets a conformal p-value: its rank among the reference rows and
 * the new rows before it, with random ties. If all rows are exchangeable, these p-values are independent and uniform,
 * so the capital of a gambler who bets on them is a martingale. By Ville's inequality, it ever reaches `c` times its
 * start with a probability of at most `1 / c`. The evidence after a row is the largest capital of the gamblers, divided
 * by their number, so that the bound holds for all features together.
 *
 * The gambler holds a mixture of bets on shifts of the normal scores of the p-values, and moves a small share of the
 * capital between the bets after each row, so that a late change is found.
 *
 * @param features Features of the reference rows, followed by the new rows in their order.
 * @param reference Number of reference rows.
 * @remarks Takes `features rows log(rows)` time.
 * @see Vovk, Testing Randomness Online, 2021; Vovk et al., Retrain or Not Retrain: Conformal Test Martingales for
 * Change-Point Detection, 2021 (the simple jumper).
 */
export const watch = (
  features: readonly Feature[],
  reference: number,
  { alpha, key }: { readonly alpha: number; readonly key: Key },
): Watched => {
  const rows = (features[0]?.values.length ?? reference) - reference;
  const factors = betFactors();
  const price = Math.log(features.length);
  const largest = new Float64Array(rows).fill(-Infinity);
  let [alarm, feature] = [rows, -1];
  features.forEach(({ values }, f) => {
    const path = logCapital(pValuesInOrder(values, reference, fold(key, f)), factors);
    path.forEach((value, row) => (largest[row] = Math.max(largest[row]!, value - price)));
    const crossed = path.findIndex((value) => value - price >= -Math.log(alpha));
    if (crossed >= 0 && crossed < alarm) [alarm, feature] = [crossed, f];
  });
  const most = largest.reduce((found, value) => Math.max(found, value), 0);
  return {
    pValue: Math.min(1, Math.exp(-most)),
    ...(feature < 0
      ? { alarm: undefined, since: undefined, feature: undefined }
      : { alarm, since: changeIn(features[feature]!.values, reference, alarm), feature }),
    evidence: largest.map((value) => value / Math.LN10),
  };
};

/**
 * Returns the conformal p-value of each new row: its rank among the reference rows and the new rows up to it, divided by
 * their number. A uniform number decides between equal values. The p-value of NaN is NaN.
 */
export const pValuesInOrder = (values: Float64Array, reference: number, key: Key): Float64Array => {
  const sorted = Float64Array.from(new Set(values.filter((value) => !Number.isNaN(value)))).sort();
  const places = new Map(Array.from(sorted, (value, i) => [value, i]));
  const counts = new Float64Array(sorted.length + 1);
  const add = (place: number): void => {
    for (let i = place + 1; i <= sorted.length; i += i & -i) counts[i]!++;
  };
  const below = (place: number): number => {
    let sum = 0;
    for (let i = place; i > 0; i -= i & -i) sum += counts[i]!;
    return sum;
  };
  const u = uniforms(key, values.length);
  let known = 0;
  const out = new Float64Array(values.length - reference);
  values.forEach((value, row) => {
    const place = places.get(value);
    if (place !== undefined) {
      add(place);
      known++;
    }
    if (row < reference) return;
    if (place === undefined) {
      out[row - reference] = NaN;
      return;
    }
    const less = below(place);
    out[row - reference] = (less + u[row]! * (below(place + 1) - less)) / known;
  });
  return out;
};

/** Returns the factors by which the bets multiply the capital, `[bets][bins]`. The mean factor of each bet is 1. */
export const betFactors = (): readonly Float64Array[] => {
  const scores = Float64Array.from({ length: BINS }, (_, i) => normalQuantile((i + 0.5) / BINS));
  return BETS.map((bet) => {
    const raw = scores.map((score) => Math.exp(bet * score));
    const mean = raw.reduce((sum, value) => sum + value, 0) / BINS;
    return raw.map((value) => value / mean);
  });
};

/** Returns the logarithm of the capital after each p-value. A p-value of NaN changes nothing. */
export const logCapital = (pValues: ArrayLike<number>, factors: readonly Float64Array[]): Float64Array => {
  const shares = Float64Array.from(BETS, (bet) => (bet === 0 ? IDLE : (1 - IDLE) / (BETS.length - 1)));
  let log = 0;
  return Float64Array.from(pValues, (p) => {
    if (Number.isNaN(p)) return log;
    const bin = Math.min(BINS - 1, Math.floor(p * BINS));
    let total = 0;
    for (let b = 0; b < shares.length; b++) total += shares[b]! *= factors[b]![bin]!;
    for (let b = 0; b < shares.length; b++) shares[b] = ((1 - JUMP) * shares[b]!) / total + JUMP / shares.length;
    log += Math.log(total);
    return log;
  });
};

/**
 * Returns the index of the new row from which on the mean of the feature differs most from the reference rows: the
 * largest likelihood of one change of the mean of a normal variable, at or before the alarm.
 */
const changeIn = (values: Float64Array, reference: number, alarm: number): number => {
  const known = values.subarray(0, reference).filter((value) => !Number.isNaN(value));
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  let [best, since, sum, count] = [-Infinity, 0, 0, 0];
  for (let row = values.length - reference - 1; row >= 0; row--) {
    const value = values[reference + row]!;
    if (Number.isNaN(value)) continue;
    sum += value - mean;
    count++;
    const gain = (sum * sum) / count;
    if (row <= alarm && gain > best) [best, since] = [gain, row];
  }
  return since;
};
