import type { Table } from '../frame/table.ts';
import { cellWidth, gridStep } from './resolution.ts';
import type { Resolutions } from './resolutions.ts';

/** Statistics of one column. */
export interface ColumnSummary {
  /** Name of the column. */
  readonly name: string;
  /** Smallest value. NaN if all are missing. */
  readonly min: number;
  /** Largest value. NaN if all are missing. */
  readonly max: number;
  /** Mean of the values. NaN if all are missing. */
  readonly mean: number;
  /** Standard deviation, with the number of values as divisor (not one less). NaN if all are missing. */
  readonly standardDeviation: number;
  /** Number of NaN cells. The other statistics ignore them. */
  readonly missing: number;
  /** Number of different values, counted up to {@link DISTINCT_CAP}. */
  readonly distinct: number;
  /**
   * `constant`: at most one value. `integer`: see {@link integerColumns}. `grid`: other values that repeat, on a grid.
   * `atoms`: the other columns of {@link resolutionsOf}. `continuous`: the rest.
   */
  readonly kind: 'continuous' | 'integer' | 'grid' | 'atoms' | 'constant';
  /**
   * Width of the noise that gives the column a density: see {@link resolutionsOf}. Left out for `continuous` and
   * `constant`.
   */
  readonly resolution?: number;
  /**
   * The most frequent value, if it has at least five rows and more than {@link ATOM_SHARE} of the values. Left out
   * otherwise, and for `continuous` and `constant`.
   */
  readonly atom?: Atom;
}

/** A value that many rows share. */
export interface Atom {
  /** The shared value. */
  readonly value: number;
  /** Share of the values that are not missing, in `(0, 1]`. */
  readonly share: number;
}

/** Most distinct values that a summary counts. It bounds the memory. */
export const DISTINCT_CAP = 10_000;

/** A value with a larger share of the rows is an atom. No density has atoms. */
export const ATOM_SHARE = 0.02;
/** Fewest rows of an atom. Fewer rows can share a rounded value by chance. */
export const FEWEST_OF_ATOM = 5;

/**
 * Returns a summary of each column, in double precision. The numbers are those of the table, without offsets;
 * {@link summariesInUnits} adds them.
 *
 * @remarks Two passes over the table. A column that has a resolution is sorted too.
 */
export const describeColumns = (table: Table): readonly ColumnSummary[] =>
  table.columns.map((_, j) => describeColumn(table, j));

const describeColumn = ({ columns, rows, values }: Table, j: number): ColumnSummary => {
  const counts = new Map<number, number>();
  let [min, max, sum, present, whole] = [Infinity, -Infinity, 0, 0, true];
  for (let i = j; i < rows * columns.length; i += columns.length) {
    const value = values[i]!;
    if (Number.isNaN(value)) continue;
    const count = counts.get(value);
    if (count !== undefined || counts.size < DISTINCT_CAP) counts.set(value, (count ?? 0) + 1);
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
  const numbers = {
    name: columns[j]!,
    min: present === 0 ? NaN : min,
    max: present === 0 ? NaN : max,
    mean,
    standardDeviation: present === 0 ? NaN : Math.sqrt(squares / present),
    missing: rows - present,
    distinct: counts.size,
  };
  if (counts.size <= 1) return { ...numbers, kind: 'constant' };
  const [value, count] = mostFrequent(counts);
  const atom = count >= FEWEST_OF_ATOM && count > ATOM_SHARE * present ? { value, share: count / present } : undefined;
  const repeated = counts.size < DISTINCT_CAP && counts.size <= present / 2;
  if ((!repeated && atom === undefined) || !Number.isFinite(min) || !Number.isFinite(max))
    return { ...numbers, kind: 'continuous' };
  const different = differentValues({ columns, rows, values }, j);
  const step = gridStep(different);
  const found = { ...numbers, ...(atom === undefined ? {} : { atom }) };
  if (step !== undefined && whole && repeated) return { ...found, kind: 'integer', resolution: step };
  // Example: amounts in cents, most of them zero. The others hardly repeat, and noise of one cent would leave a spike
  // at zero.
  const othersRepeat = counts.size - 1 <= (present - count) / 2;
  if (step !== undefined && othersRepeat) return { ...found, kind: 'grid', resolution: step };
  return { ...found, kind: 'atoms', resolution: Math.max(step ?? 0, cellWidth(different, value)) };
};

const mostFrequent = (counts: ReadonlyMap<number, number>): readonly [value: number, count: number] => {
  let most: readonly [number, number] = [NaN, 0];
  for (const entry of counts) if (entry[1] > most[1]) most = entry;
  return most;
};

/** The different values of a column, ascending, without NaN. */
const differentValues = (
  { columns, rows, values }: Pick<Table, 'columns' | 'rows' | 'values'>,
  j: number,
): Float32Array =>
  Float32Array.from({ length: rows }, (_, row) => values[row * columns.length + j]!)
    .filter((value) => !Number.isNaN(value))
    .sort()
    .filter((value, i, sorted) => i === 0 || value !== sorted[i - 1]);

/**
 * Returns the names of the columns that count or label instead of measuring. All their values are whole numbers, there
 * are at least two and fewer than {@link DISTINCT_CAP} different ones, and each occurs in two rows or more on average.
 *
 * @remarks These columns have no density: a model can raise its likelihood without bound by a spike at each value.
 * Columns of whole numbers that hardly repeat, such as populations or prices in cents, are not listed.
 */
export const integerColumns = (table: Table): readonly string[] =>
  describeColumns(table)
    .filter(({ kind }) => kind === 'integer')
    .map(({ name }) => name);

/**
 * Returns the columns whose values repeat, with the width of the noise that gives each a density ({@link dequantise}).
 * A column is listed if it has fewer than {@link DISTINCT_CAP} different values, each in two rows or more on average,
 * or if it has an atom: a value that more than {@link ATOM_SHARE} of the rows have.
 *
 * @remarks These columns have no density, or one with spikes, so a model can raise its likelihood without bound. If the
 * values repeat on a grid (for fractions: even without the most frequent value), the resolution is the step of the
 * grid, up to float32 rounding: 1 for whole numbers, 0.1 for tenths, 1000 for thousands. Otherwise it is about the
 * smallest gap between different values, or a hundredth of the distance between their quartiles if that is larger. The
 * smallest gap alone vanishes as rows are added, and the spike would remain.
 */
export const resolutionsOf = (summaries: readonly ColumnSummary[]): Resolutions =>
  Object.fromEntries(
    summaries.flatMap(({ name, resolution }) => (resolution === undefined ? [] : [[name, resolution]])),
  );
