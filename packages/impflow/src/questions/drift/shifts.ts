import { fold, uniforms, type Key } from '@impflow/core';
import type { Feature } from './features.ts';
import { countBelow } from './sorted.ts';

/** Result of a permutation test on features. */
export interface Shifts {
  /** p-value of the hypothesis that both tables have one distribution. */
  readonly pValue: number;
  /** p-value of each feature, corrected for the number of features, `[features]`. */
  readonly pValues: Float64Array;
  /** Absolute standardized difference of each feature, `[features]`. Comparable between features. */
  readonly sizes: Float64Array;
  /** Mean of each feature in the new rows, minus its mean in the reference rows, in standard deviations. */
  readonly differences: Float64Array;
}

/** Number of permutations. The smallest possible p-value is `1 / (PERMUTATIONS + 1)`. */
export const PERMUTATIONS = 999;
/** Largest number of additions: rows of the smaller table, times features, times permutations. */
const MOST_WORK = 2e9;
/** A feature that differs from its most frequent value in fewer rows than this is left out. */
const FEWEST = 5;

/**
 * Tests whether the mean of any feature differs between the reference rows and the new rows: a permutation test of the
 * largest absolute difference of the standardized features. The level is exact for every number of rows and every
 * distribution: if the rows are exchangeable, `pValue <= a` has a probability of at most `a`. A row without a feature
 * counts with the mean of the feature.
 *
 * @param features Features of the reference rows, followed by the new rows.
 * @param reference Number of reference rows.
 * @remarks Takes `999 features rows` additions, where `rows` is the number of rows of the smaller table. If this exceeds
 * 2e9, only the first new rows are tested.
 * @see Westfall, Young, Resampling-Based Multiple Testing, 1993, section 2.3.
 */
export const shiftsOf = (features: readonly Feature[], reference: number, key: Key): Shifts => {
  const all = features[0]?.values.length ?? 0;
  const most = Math.max(50, Math.floor(MOST_WORK / PERMUTATIONS / features.length));
  const fresh = all - reference;
  const rows = reference + (Math.min(reference, fresh) > most ? most : fresh);
  const table = standardizedRows(features, rows);
  const isSmall = rows - reference <= reference;
  const [first, size] = isSmall ? [reference, rows - reference] : [0, reference];
  const order = Uint32Array.from({ length: rows }, (_, i) => (i + first) % rows);
  const sums = sumsOf(table, features.length, order, size);
  const sizes = sums.map(Math.abs);
  const permuted = new Float64Array(PERMUTATIONS);
  for (let i = 0; i < PERMUTATIONS; i++) {
    shuffleStart(order, size, fold(key, i));
    permuted[i] = largest(sumsOf(table, features.length, order, size).map(Math.abs));
  }
  permuted.sort();
  const pValueOf = (sum: number): number => (1 + PERMUTATIONS - below(permuted, sum)) / (PERMUTATIONS + 1);
  const scale = (rows / (size * (rows - size))) * (isSmall ? 1 : -1);
  return {
    pValue: pValueOf(largest(sizes)),
    pValues: sizes.map(pValueOf),
    sizes,
    differences: sums.map((sum) => sum * scale),
  };
};

/** Returns the features of the first rows with mean 0 and variance 1, `[rows, features]`. */
const standardizedRows = (features: readonly Feature[], rows: number): Float64Array => {
  const table = new Float64Array(rows * features.length);
  features.forEach(({ values: all }, f) => {
    const values = all.subarray(0, rows);
    let [count, sum] = [0, 0];
    for (const value of values)
      if (!Number.isNaN(value)) {
        count++;
        sum += value;
      }
    const mean = sum / count;
    let square = 0;
    for (const value of values) if (!Number.isNaN(value)) square += (value - mean) ** 2;
    const deviation = Math.sqrt(square / rows);
    if (!(deviation > 1e-9) || isRare(values)) return;
    values.forEach((value, row) => {
      if (!Number.isNaN(value)) table[row * features.length + f] = (value - mean) / deviation;
    });
  });
  return table;
};

/** Whether at most a few values of a feature with two values differ from the others. */
const isRare = (values: Float64Array): boolean => {
  let [zeros, ones] = [0, 0];
  for (const value of values) {
    if (value === 0) zeros++;
    else if (value === 1) ones++;
    else if (!Number.isNaN(value)) return false;
  }
  return Math.min(zeros, ones) < FEWEST;
};

/** Returns the sums of the features over the first `size` rows of the order. */
const sumsOf = (table: Float64Array, features: number, order: Uint32Array, size: number): Float64Array => {
  const sums = new Float64Array(features);
  for (let i = 0; i < size; i++) {
    const at = order[i]! * features;
    for (let f = 0; f < features; f++) sums[f]! += table[at + f]!;
  }
  return sums;
};

/** Moves `size` rows, drawn without replacement, to the start of the order. */
const shuffleStart = (order: Uint32Array, size: number, key: Key): void => {
  const u = uniforms(key, size);
  for (let i = 0; i < size; i++) {
    const j = i + Math.floor(u[i]! * (order.length - i));
    const held = order[i]!;
    order[i] = order[j]!;
    order[j] = held;
  }
};

const largest = (values: Float64Array): number => values.reduce((most, value) => Math.max(most, value), 0);

/** Returns how many sorted values are clearly below `value`. Equal sums in another order differ by rounding errors. */
const below = (sorted: Float64Array, value: number): number => countBelow(sorted, value * (1 - 1e-9));
