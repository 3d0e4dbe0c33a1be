import { drawPermutation, fold, type Key } from '@impflow/core';
import { pickValues, type ColumnSpec, type Values } from '@impflow/tables';
import { kolmogorovSmirnov } from '../../measure/kolmogorov-smirnov.ts';
import { twoSided } from '../../measure/normal-tail.ts';
import { pointsBy, squaredDistances } from './points.ts';

/** How different a column of synthetic rows is from the column of real rows. */
export interface ColumnFidelity {
  /** Name of the column. */
  readonly column: string;
  /**
   * For numbers, the largest difference of the two cumulative distributions (Kolmogorov and Smirnov). For categories,
   * half the sum of the absolute differences of their shares (total variation). In `[0, 1]`; gaps are a value of their
   * own.
   */
  readonly distance: number;
  /** p-value of the hypothesis that both columns have the same distribution (asymptotic). */
  readonly pValue: number;
}

/** The rank correlation (Spearman) of two columns of numbers in real and in synthetic rows. */
export interface PairFidelity {
  /** Names of the columns. */
  readonly columns: readonly [string, string];
  /** The correlation in the real rows. */
  readonly real: number;
  /** The correlation in the synthetic rows. */
  readonly synthetic: number;
  /** p-value of the hypothesis that both correlations are equal (normal approximation after Fisher's transform). */
  readonly pValue: number;
}

/** How well a classifier tells real from synthetic rows. */
export interface ClassifierFidelity {
  /** Share of rows that the classifier assigns correctly. 0.5 if it cannot tell them apart. */
  readonly accuracy: number;
  /** Standard error of `accuracy`. */
  readonly standardError: number;
  /** One-sided p-value of the hypothesis that the accuracy is 0.5. */
  readonly pValue: number;
  /** Number of rows that were classified. */
  readonly rows: number;
}

/**
 * Compares the distribution of each column.
 *
 * @see Smirnov 1948 for numbers; Pearson's chi-squared test with the approximation of Wilson and Hilferty 1931 for
 * categories.
 */
export const columnFidelities = (
  columns: readonly ColumnSpec[],
  real: Values,
  synthetic: Values,
): readonly ColumnFidelity[] =>
  columns.map(({ name, kind }, j) => {
    const [a, b] = [real.columns[j]!, synthetic.columns[j]!];
    return {
      column: name,
      ...(kind === 'category' ? ofCategories(a, b) : kolmogorovSmirnov(gapsFirst(a), gapsFirst(b))),
    };
  });

type Difference = Pick<ColumnFidelity, 'distance' | 'pValue'>;

const gapsFirst = (column: Float64Array): Float64Array =>
  column.map((value) => (Number.isNaN(value) ? -Infinity : value)).sort();

const ofCategories = (a: Float64Array, b: Float64Array): Difference => {
  const [x, y] = [a, b].map((column) => {
    const counts = new Map<number, number>();
    for (const code of column) counts.set(code, (counts.get(code) ?? 0) + 1);
    return counts;
  });
  const codes = [...new Set([...x!.keys(), ...y!.keys()])];
  const [n, m] = [a.length, b.length];
  let [distance, chi] = [0, 0];
  for (const code of codes) {
    const [p, q] = [(x!.get(code) ?? 0) / n, (y!.get(code) ?? 0) / m];
    distance += Math.abs(p - q) / 2;
    chi += (((n * m) / (n + m)) * (p - q) ** 2) / ((p * n + q * m) / (n + m));
  }
  const freedom = codes.length - 1;
  if (freedom === 0) return { distance, pValue: 1 };
  const spread = 2 / (9 * freedom);
  return { distance, pValue: above((Math.cbrt(chi / freedom) - 1 + spread) / Math.sqrt(spread)) };
};

/** Returns the probability that a standard normal variable is above `z`. */
const above = (z: number): number => (z >= 0 ? twoSided(z) / 2 : 1 - twoSided(z) / 2);

/** Compares the rank correlation of each pair of columns of numbers, over the rows in which both are known. */
export const pairFidelities = (
  columns: readonly ColumnSpec[],
  real: Values,
  synthetic: Values,
): readonly PairFidelity[] => {
  const numbers = columns.flatMap(({ kind }, j) => (kind === 'number' ? [j] : []));
  return numbers.flatMap((i, at) =>
    numbers.slice(at + 1).map((j): PairFidelity => {
      const [a, b] = [real, synthetic].map(({ columns: cells }) => rankCorrelation(cells[i]!, cells[j]!));
      // The variance 1.06 / (n - 3) of the transformed rank correlation: Fieller, Hartley and Pearson 1957.
      const error = Math.sqrt(1.06 / Math.max(1, a!.rows - 3) + 1.06 / Math.max(1, b!.rows - 3));
      return {
        columns: [columns[i]!.name, columns[j]!.name],
        real: a!.value,
        synthetic: b!.value,
        pValue: twoSided((fisher(a!.value) - fisher(b!.value)) / error),
      };
    }),
  );
};

const fisher = (correlation: number): number => Math.atanh(Math.min(0.999999, Math.max(-0.999999, correlation)));

const rankCorrelation = (a: Float64Array, b: Float64Array): { readonly value: number; readonly rows: number } => {
  const known = [...a.keys()].filter((row) => !Number.isNaN(a[row]!) && !Number.isNaN(b[row]!));
  const [x, y] = [a, b].map((column) => ranks(known.map((row) => column[row]!)));
  const middle = (known.length - 1) / 2;
  let [xx, yy, xy] = [0, 0, 0];
  for (let i = 0; i < known.length; i++) {
    const [dx, dy] = [x![i]! - middle, y![i]! - middle];
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  return { value: xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : 0, rows: known.length };
};

/** Returns the rank of each value, counted from 0. Equal values have their mean rank. */
const ranks = (values: readonly number[]): Float64Array => {
  const order = [...values.keys()].sort((i, j) => values[i]! - values[j]!);
  const out = new Float64Array(values.length);
  for (let first = 0; first < order.length;) {
    let last = first;
    while (last + 1 < order.length && values[order[last + 1]!] === values[order[first]!]) last++;
    for (let i = first; i <= last; i++) out[order[i]!] = (first + last) / 2;
    first = last + 1;
  }
  return out;
};

/** Largest number of rows of each kind that the classifier uses. Its time grows with the square of this number. */
const MOST = 2000;

/**
 * Classifies rows as real or synthetic by their nearest neighbors: a two-sample test. As many real as synthetic rows
 * are used. One half of them are the neighbors, the other half are classified by the majority of the `sqrt(n)` nearest.
 *
 * @see Lopez-Paz and Oquab, Revisiting Classifier Two-Sample Tests, ICLR 2017.
 */
export const classifierFidelity = (
  columns: readonly ColumnSpec[],
  real: Values,
  synthetic: Values,
  own: Key,
): ClassifierFidelity => {
  const count = Math.min(MOST, real.rows, synthetic.rows);
  const half = count >> 1;
  const to = pointsBy(columns, real);
  const [neighbors, classified] = [0, half].map((first) =>
    [real, synthetic].map((values, i) =>
      to(pickValues(values, drawPermutation(fold(own, i), values.rows).slice(first, first + half))),
    ),
  );
  // An odd number of neighbors has a majority.
  const k = 2 * Math.floor(Math.sqrt(2 * half) / 2) + 1;
  // Neighbors at equal distances are in random order, so that rows with many equal cells have no preferred kind.
  const order = [...drawPermutation(fold(own, 2), 2 * half)];
  const right = classified!.map((points, kind) => {
    const [toReal, toSynthetic] = neighbors!.map((others) => squaredDistances(points, others));
    let correct = 0;
    for (let row = 0; row < points.rows; row++) {
      const all = Float64Array.from({ length: 2 * half }, (_, i) =>
        i < half ? toReal![row * half + i]! : toSynthetic![row * half + i - half]!,
      );
      const nearest = order.toSorted((a, b) => all[a]! - all[b]!).slice(0, k);
      const synthetics = nearest.filter((i) => i >= half).length;
      if (synthetics > k / 2 === (kind === 1)) correct++;
    }
    return correct;
  });
  const rows = 2 * half;
  const accuracy = (right[0]! + right[1]!) / rows;
  return {
    accuracy,
    standardError: Math.sqrt((accuracy * (1 - accuracy)) / rows),
    pValue: above((accuracy - 0.5) / Math.sqrt(0.25 / rows)),
    rows,
  };
};
