import { fold, key, normals, uniforms } from '@impflow/core';
import { drawValues, normalQuantile, type ColumnSpec, type RecordFlow, type Values } from '@impflow/tables';
import { countAtMost, countBelow } from './sorted.ts';

/** A column of a table as numbers of similar size, or one category or the gaps of a column as 0 and 1. */
export interface View {
  /** Index of the column. */
  readonly column: number;
  /** What the numbers are: normal scores of the numbers, whether a cell is a category, or whether it is a gap. */
  readonly kind: 'number' | 'category' | 'gap';
  /** Code of the category. Only for the kind `category`. */
  readonly level?: number;
  /** The numbers `[rows]`. NaN marks a gap, except for the kind `gap`. */
  readonly values: Float64Array;
}

/** Number of draws of the model that define the normal scores of the columns. */
const DRAWS = 4096;
/** Largest number of categories of a column that have a view, the most frequent first. */
const MOST_LEVELS = 50;

/**
 * Returns a function that computes the views of a table. The normal score of a number is the normal quantile of its
 * rank among draws of the model; for a condition, which the model does not draw, the standardized number. The scores
 * therefore depend only on the cell and on the model. They do not depend on the rows that a test compares, so that
 * equally distributed rows have equally distributed scores.
 */
export const viewsWith = (density: RecordFlow): ((values: Values) => readonly View[]) => {
  const scores = scoresOf(density);
  return ({ columns: cells }) =>
    cells.flatMap((own, j): View[] => {
      const gaps = Float64Array.from(own, (value) => (Number.isNaN(value) ? 1 : 0));
      const score = scores[j];
      return [
        ...(score === undefined ? levelsOf(own, j) : [{ column: j, kind: 'number' as const, values: own.map(score) }]),
        ...(gaps.some((gap) => gap === 1) ? [{ column: j, kind: 'gap' as const, values: gaps }] : []),
      ];
    });
};

/** Returns the normal score of a number. */
type ScoreOf = (value: number) => number;

/** The score of each column, from draws that each model makes once. Undefined for a column of categories. */
const known = new WeakMap<RecordFlow, readonly (ScoreOf | undefined)[]>();

const scoresOf = (density: RecordFlow): readonly (ScoreOf | undefined)[] => {
  const { columns } = density.spec;
  const found =
    known.get(density) ??
    scoresFrom(columns, drawValues(density, conditionsLike(columns, DRAWS), { key: fold(key(3), 0) }));
  known.set(density, found);
  return found;
};

const scoresFrom = (columns: readonly ColumnSpec[], drawn: Values): readonly (ScoreOf | undefined)[] =>
  columns.map((column, j) =>
    column.kind === 'category' ? undefined : column.given === true ? standardized(column) : ranked(drawn.columns[j]!),
  );

/** Returns rows whose conditions are drawn from the constants that the spec stores. The other cells are 0. */
const conditionsLike = (columns: readonly ColumnSpec[], rows: number): Values => ({
  rows,
  columns: columns.map((column, j) => {
    const own = fold(key(4), j);
    if (column.given !== true) return new Float64Array(rows);
    if (column.kind === 'category') return uniforms(own, rows).map((u) => Math.floor(u * column.levels.length));
    const { period, cut = 0, mean = 0, scale = 1, range: [low, high] = [-Infinity, Infinity] } = column;
    if (period !== undefined) return uniforms(own, rows).map((u) => cut + period * u);
    return normals(own, rows).map((z) => Math.min(high, Math.max(low, mean + scale * z)));
  }),
  remarks: [],
});

/** Largest size of a score of a condition: about the largest normal score among the draws. */
const MOST = 3.5;

const standardized =
  ({ period, cut = 0, mean = 0, scale = 1 }: Extract<ColumnSpec, { kind: 'number' }>): ScoreOf =>
  (value) =>
    period === undefined
      ? Math.max(-MOST, Math.min(MOST, (value - mean) / scale))
      : Math.sqrt(12) * ((value - cut) / period - 0.5);

/** Returns a function that returns the normal quantile of the rank of a number among draws. Equal numbers share a rank. */
const ranked = (draws: Float64Array): ScoreOf => {
  const sorted = draws.filter(Number.isFinite).sort();
  const n = sorted.length;
  const quantiles = Float64Array.from({ length: 2 * n + 1 }, (_, i) => normalQuantile((i + 1) / (2 * n + 2)));
  return (value) => (Number.isNaN(value) ? NaN : quantiles[countBelow(sorted, value) + countAtMost(sorted, value)]!);
};

/** Returns a view of each category that occurs. If there are only two, the second view has the information of the first. */
const levelsOf = (codes: Float64Array, column: number): View[] => {
  const counts = new Map<number, number>();
  for (const code of codes) if (!Number.isNaN(code)) counts.set(code, (counts.get(code) ?? 0) + 1);
  const levels = [...counts].sort(([a, n], [b, m]) => m - n || a - b).map(([code]) => code);
  return (levels.length === 2 ? levels.slice(1) : levels.slice(0, MOST_LEVELS)).map((level) => ({
    column,
    kind: 'category',
    level,
    values: codes.map((code) => (Number.isNaN(code) ? NaN : code === level ? 1 : 0)),
  }));
};
