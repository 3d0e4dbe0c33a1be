import { normalQuantile, normalShare } from '@impflow/tables';
import { pairable } from './features.ts';
import type { View } from './views.ts';

/** The relation of two columns in the reference rows and in the new rows. */
export interface Relation {
  /** Indices of the columns. */
  readonly columns: readonly [number, number];
  /**
   * What is compared: the correlation of normal scores of two columns of numbers; the difference of the mean normal
   * score inside and outside of a category; the logarithm of the odds ratio of two categories.
   */
  readonly measure: 'correlation' | 'difference of means' | 'log odds ratio';
  /** The measure in the reference rows. */
  readonly reference: number;
  /** The measure in the new rows. */
  readonly now: number;
  /** p-value of the hypothesis that the measures are equal, corrected for the number of compared pairs. */
  readonly pValue: number;
}

/** Smallest number of rows that have both columns, in each table. */
const FEWEST = 20;

/**
 * Compares the relation of each pair of columns. The measures do not change if only the distribution of one of the
 * columns changes, so a changed measure means a changed relation.
 *
 * @param views Views of the reference rows, followed by the new rows.
 * @param reference Number of reference rows.
 * @returns One relation for each pair of columns, the smallest p-value first. p-values are corrected by Bonferroni.
 * @remarks Takes `pairs rows` time. The p-values use normal approximations, whose standard errors need some hundred rows.
 */
export const relationsOf = (views: readonly View[], reference: number): readonly Relation[] => {
  const used = pairable(views);
  const scored = used.map((view) => [0, 1].map((part) => partOf(view, reference, part)) as [Side, Side]);
  const found = new Map<string, Relation>();
  let compared = 0;
  used.forEach((a, i) => {
    for (let j = i + 1; j < used.length; j++) {
      const b = used[j]!;
      if (a.column === b.column) continue;
      const [before, after] = [0, 1].map((part) => measured(a.kind, scored[i]![part]!, b.kind, scored[j]![part]!));
      if (before === undefined || after === undefined) continue;
      compared++;
      const error = Math.hypot(before.error, after.error);
      const pValue = error > 0 ? 2 * normalShare(-Math.abs(after.value - before.value) / error) : 1;
      const name = `${a.column},${b.column}`;
      if (pValue >= (found.get(name)?.pValue ?? 2)) continue;
      const measure =
        a.kind === b.kind ? (a.kind === 'number' ? 'correlation' : 'log odds ratio') : 'difference of means';
      found.set(name, { columns: [a.column, b.column], measure, reference: before.value, now: after.value, pValue });
    }
  });
  return [...found.values()]
    .map((relation) => ({ ...relation, pValue: Math.min(1, compared * relation.pValue) }))
    .sort((one, other) => one.pValue - other.pValue);
};

/** A view of one table: its values, and the normal scores of its values among the rows of this table. */
interface Side {
  readonly values: Float64Array;
  readonly own: Float64Array;
}

const partOf = ({ kind, values }: View, reference: number, part: number): Side => {
  const own = part === 0 ? values.subarray(0, reference) : values.subarray(reference);
  return { values: own, own: kind === 'number' ? normalScores(own) : own };
};

/** Returns the normal quantiles of the ranks of values. Equal values share the mean of their ranks. */
const normalScores = (values: Float64Array): Float64Array => {
  const order = Uint32Array.from(values.keys())
    .filter((row) => !Number.isNaN(values[row]))
    .sort((a, b) => values[a]! - values[b]!);
  const out = new Float64Array(values.length).fill(NaN);
  for (let first = 0, next = 0; first < order.length; first = next) {
    while (next < order.length && values[order[next]!] === values[order[first]!]) next++;
    const score = normalQuantile((first + next) / 2 / order.length);
    for (let i = first; i < next; i++) out[order[i]!] = score;
  }
  return out;
};

interface Measured {
  readonly value: number;
  readonly error: number;
}

const measured = (kindA: View['kind'], a: Side, kindB: View['kind'], b: Side): Measured | undefined => {
  const both = Uint32Array.from(a.values.keys()).filter(
    (row) => !Number.isNaN(a.values[row]) && !Number.isNaN(b.values[row]),
  );
  if (both.length < FEWEST) return undefined;
  const pick = (values: Float64Array): Float64Array => Float64Array.from(both, (row) => values[row]!);
  if (kindA === 'number' && kindB === 'number') return correlation(pick(a.own), pick(b.own));
  if (kindA === kindB) return logOddsRatio(pick(a.values), pick(b.values));
  return kindA === 'category'
    ? differenceOfMeans(pick(a.values), pick(b.values))
    : differenceOfMeans(pick(b.values), pick(a.values));
};

/** Returns Pearson's correlation, with the standard error by its influence function. */
const correlation = (a: Float64Array, b: Float64Array): Measured | undefined => {
  const [u, v] = [standardized(a), standardized(b)];
  if (u === undefined || v === undefined) return undefined;
  const n = u.length;
  let value = 0;
  for (let i = 0; i < n; i++) value += (u[i]! * v[i]!) / n;
  let square = 0;
  for (let i = 0; i < n; i++) square += (u[i]! * v[i]! - (value * (u[i]! ** 2 + v[i]! ** 2)) / 2) ** 2;
  return { value, error: Math.sqrt(square) / n };
};

const standardized = (values: Float64Array): Float64Array | undefined => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return deviation > 1e-9 ? values.map((value) => (value - mean) / deviation) : undefined;
};

/** Returns the mean of the numbers inside a category minus the mean outside. */
const differenceOfMeans = (category: Float64Array, numbers: Float64Array): Measured | undefined => {
  const sides = [1, 0].map((inside) => numbers.filter((_, row) => category[row] === inside));
  if (sides.some(({ length }) => length < FEWEST / 2)) return undefined;
  const [inside, outside] = sides.map((values) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return { mean, variance: square / (values.length - 1) / values.length };
  });
  return { value: inside!.mean - outside!.mean, error: Math.sqrt(inside!.variance + outside!.variance) };
};

/** Returns the logarithm of the odds ratio of two categories, with half a row added to each count. */
const logOddsRatio = (a: Float64Array, b: Float64Array): Measured => {
  const counts = [0.5, 0.5, 0.5, 0.5];
  a.forEach((value, row) => counts[2 * value + b[row]!]!++);
  const [none, onlyB, onlyA, both] = counts as [number, number, number, number];
  return {
    value: Math.log((both * none) / (onlyA * onlyB)),
    error: Math.sqrt(1 / none + 1 / onlyB + 1 / onlyA + 1 / both),
  };
};
