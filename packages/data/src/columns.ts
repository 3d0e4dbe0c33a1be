import type { Table } from './table.ts';

/** What one column holds. */
export interface ColumnSummary {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** Of the column itself: the mean squared deviation divides by the number of values. */
  readonly standardDeviation: number;
  /** NaN cells; the other numbers leave them out. */
  readonly missing: number;
  /** Different values, counted up to {@link DISTINCT_CAP}. */
  readonly distinct: number;
  /** `integer`: see {@link integerColumns}. `constant`: one value, or none. */
  readonly kind: 'continuous' | 'integer' | 'constant';
}

/** Distinct values are counted up to here, so that a summary's memory is bounded. */
export const DISTINCT_CAP = 10_000;

/** A summary of every column, in double precision. Two passes over the table. */
export const describeColumns = ({ columns, rows, values }: Table): readonly ColumnSummary[] => columns.map((name, j) => {
  const seen = new Set<number>();
  let [min, max, sum, present, whole] = [Infinity, -Infinity, 0, 0, true];
  for (let i = j; i < rows * columns.length; i += columns.length) {
    const value = values[i]!;
    if (Number.isNaN(value)) continue;
    if (seen.size < DISTINCT_CAP) seen.add(value);
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
    present++;
    whole &&= Number.isInteger(value);
  }
  const mean = present === 0 ? NaN : min === max ? min : sum / present;
  let squares = 0;
  for (let i = j; i < rows * columns.length; i += columns.length) {
    const value = values[i]!;
    if (!Number.isNaN(value)) squares += (value - mean) ** 2;
  }
  const repeated = seen.size < DISTINCT_CAP && seen.size <= present / 2;
  return {
    name, min: present === 0 ? NaN : min, max: present === 0 ? NaN : max, mean, standardDeviation: present === 0 ? NaN : Math.sqrt(squares / present),
    missing: rows - present, distinct: seen.size, kind: seen.size <= 1 ? 'constant' : whole && repeated ? 'integer' : 'continuous',
  };
});

/**
 * The columns that count or label rather than measure: every value is a whole number, there are at least two different
 * ones, fewer than {@link DISTINCT_CAP}, and each stands for two rows or more on average.
 *
 * @remarks Such a column has no density: a model can raise its likelihood without bound by a spike on each value. A column
 * of whole numbers that hardly repeat (a population, a price in cents) is as good as continuous and is not named.
 */
export const integerColumns = (table: Table): readonly string[] =>
  describeColumns(table).filter(({ kind }) => kind === 'integer').map(({ name }) => name);
