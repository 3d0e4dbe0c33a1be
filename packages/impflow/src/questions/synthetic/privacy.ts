import { drawPermutation, fold, type Key } from '@impflow/core';
import { pickValues, type ColumnSpec, type Values } from '@impflow/tables';
import { pointsBy, squaredDistances, type Points } from './points.ts';

/** A share or a probability with the value that rows from the same distribution would have. */
export interface Compared {
  /** The measured value. */
  readonly value: number;
  /** Value that is expected if the synthetic rows were made without the training rows. */
  readonly expected: number;
  /** Standard error of `value` if it has its expected value. */
  readonly standardError: number;
}

/**
 * Whether synthetic rows reveal training rows. Rows that were made from the distribution alone are as close to held-out
 * rows as to training rows. In each comparison, a value that is above its expected value by several standard errors
 * shows that rows were copied.
 */
export interface Privacy {
  /** Share of the synthetic rows that equal a training row in every cell; expected is the share of held-out rows. */
  readonly copies: Compared;
  /** Share of the synthetic rows whose closest real row is a training row; expected is their share of the real rows. */
  readonly closest: Compared;
  /**
   * Membership test: probability that a training row has a larger likelihood ratio than a held-out row, between a kernel
   * density of the synthetic rows and a kernel density of all other real rows. Expected is 0.5.
   */
  readonly membership: Compared;
  /** Numbers of rows that the two comparisons of distances used. */
  readonly rows: { readonly training: number; readonly heldOut: number; readonly synthetic: number };
}

/** The rows that {@link privacyOf} compares. */
export interface PrivacyRows {
  /** Rows that the training used. */
  readonly training: Values;
  /** Validation and test rows: no gradient was computed from them. */
  readonly heldOut: Values;
  /** The rows to judge. */
  readonly synthetic: Values;
}

/** Largest number of training rows, held-out rows and synthetic rows whose distances are computed. */
const MOST = 3000;

/**
 * Tests whether synthetic rows reveal which real rows are training rows.
 *
 * @remarks Costs the distances of at most 3,000 rows of each kind to each other. Copies are counted in all rows.
 * @see van Breugel et al., Membership Inference Attacks against Synthetic Data through Overfitting Detection, AISTATS
 * 2023, for the ratio of two densities.
 */
export const privacyOf = (columns: readonly ColumnSpec[], all: PrivacyRows, own: Key): Privacy => {
  const [training, heldOut, synthetic] = [all.training, all.heldOut, all.synthetic].map((values, i) =>
    pickValues(values, drawPermutation(fold(own, i), values.rows).slice(0, MOST)),
  );
  const to = pointsBy(columns, all.training);
  const real = joined(to(training!), to(heldOut!));
  const made = to(synthetic!);
  const distances = squaredDistances(made, real);
  const members = training!.rows;
  return {
    copies: copiesIn(all),
    closest: closestOf(distances, made.rows, real.rows, members),
    membership: membershipOf({ distances, made, real, members }),
    rows: { training: members, heldOut: real.rows - members, synthetic: made.rows },
  };
};

const joined = (a: Points, b: Points): Points => {
  const at = new Float64Array(a.at.length + b.at.length);
  at.set(a.at);
  at.set(b.at, a.at.length);
  return { ...a, rows: a.rows + b.rows, at };
};

const copiesIn = ({ training, heldOut, synthetic }: PrivacyRows): Compared => {
  const textOf = ({ columns }: Values, row: number): string => columns.map((column) => column[row]).join(' ');
  const known = new Set(Array.from({ length: training.rows }, (_, row) => textOf(training, row)));
  const share = (values: Values): number =>
    Array.from({ length: values.rows }, (_, row) => known.has(textOf(values, row))).filter(Boolean).length /
    values.rows;
  const expected = share(heldOut);
  // One row more than counted, so that an expected share of 0 has an error.
  const likely = (expected * heldOut.rows + 1) / (heldOut.rows + 2);
  return {
    value: share(synthetic),
    expected,
    standardError: Math.sqrt(likely * (1 - likely) * (1 / heldOut.rows + 1 / synthetic.rows)),
  };
};

/**
 * Counts how often each real row is the closest of a synthetic row. Several closest rows share the count. If training
 * and held-out rows are exchangeable, the labels are a random choice of `members` rows: the variance is the variance of
 * a sum that is drawn without replacement.
 */
const closestOf = (distances: Float32Array, rows: number, others: number, members: number): Compared => {
  const counts = new Float64Array(others);
  for (let row = 0; row < rows; row++) {
    const own = distances.subarray(row * others, (row + 1) * others);
    const least = own.reduce((low, each) => Math.min(low, each), Infinity);
    const closest = [...own.keys()].filter((i) => own[i] === least);
    for (const i of closest) counts[i]! += 1 / closest.length;
  }
  const expected = members / others;
  const mean = rows / others;
  const squares = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0);
  return {
    value: counts.slice(0, members).reduce((sum, count) => sum + count, 0) / rows,
    expected,
    standardError: Math.sqrt((others / (others - 1)) * expected * (1 - expected) * squares) / rows,
  };
};

/** What {@link membershipOf} compares. The first `members` rows of `real` are training rows. */
interface Membership {
  /** Squared distances of all synthetic rows to all real rows, `[synthetic, real]`. */
  readonly distances: Float32Array;
  readonly made: Points;
  readonly real: Points;
  readonly members: number;
}

const membershipOf = ({ distances, made, real, members }: Membership): Compared => {
  const between = squaredDistances(real, real);
  const n = real.rows;
  // The median distance of a real row to its closest other real row is the bandwidth of both densities.
  const nearest = Float64Array.from({ length: n }, (_, i) => {
    let least = Infinity;
    for (let j = 0; j < n; j++) if (j !== i) least = Math.min(least, between[i * n + j]!);
    return least;
  }).sort();
  const positive = nearest.filter((each) => each > 0);
  const width = nearest[n >> 1]! > 0 ? nearest[n >> 1]! : (positive[0] ?? 1);
  const ratio = Float64Array.from({ length: n }, (_, i) => {
    let [synthetic, reference] = [0, 0];
    for (let row = 0; row < made.rows; row++) synthetic += Math.exp(-distances[row * n + i]! / (2 * width));
    for (let j = 0; j < n; j++) if (j !== i) reference += Math.exp(-between[i * n + j]! / (2 * width));
    // A row far from all others has no density of its own. The small number keeps the ratio finite.
    return Math.log((synthetic / made.rows + 1e-12) / (reference / (n - 1) + 1e-12));
  });
  const others = n - members;
  return {
    value: probabilityAbove(ratio.slice(0, members), ratio.slice(members)),
    expected: 0.5,
    // The variance of the Mann-Whitney statistic if both kinds of rows are exchangeable.
    standardError: Math.sqrt((n + 1) / (12 * members * others)),
  };
};

/** Returns the share of the pairs in which the first number is larger. Equal numbers count as half. */
const probabilityAbove = (a: Float64Array, b: Float64Array): number => {
  const sorted = b.slice().sort();
  let [sum, below, notAbove] = [0, 0, 0];
  for (const value of a.slice().sort()) {
    while (below < sorted.length && sorted[below]! < value) below++;
    while (notAbove < sorted.length && sorted[notAbove]! <= value) notAbove++;
    sum += (below + notAbove) / 2;
  }
  return sum / (a.length * b.length);
};
