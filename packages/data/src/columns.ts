import { cellWidth, gridStep } from './resolution.ts';
import type { Resolutions } from './resolutions.ts';
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
  /** `integer`: see {@link integerColumns}. `grid` and `atoms`: other columns of {@link resolutionsOf}, whose values repeat on a grid, or not on one. `constant`: one value, or none. */
  readonly kind: 'continuous' | 'integer' | 'grid' | 'atoms' | 'constant';
  /** What {@link resolutionsOf} finds; absent in a column that is `continuous` or `constant`. */
  readonly resolution?: number;
  /** The most frequent value, where it makes up more than {@link ATOM_SHARE} of the values and there are five of it or more. */
  readonly atom?: Atom;
}

/** A value that a share of the rows have. */
export interface Atom {
  readonly value: number;
  /** Share of the values that are not missing, in `(0, 1]`. */
  readonly share: number;
}

/** Distinct values are counted up to here, so that a summary's memory is bounded. */
export const DISTINCT_CAP = 10_000;

/** A value of a larger share of the rows is an atom: no density has one. */
export const ATOM_SHARE = 0.02;
/** Few rows may share a rounded value by chance. */
export const FEWEST_OF_ATOM = 5;

/**
 * A summary of every column, in double precision, less the offset where it has one: {@link summariesInUnits} adds it.
 *
 * @remarks Two passes over the table. A column that has a resolution is sorted besides.
 */
export const describeColumns = (table: Table): readonly ColumnSummary[] => table.columns.map((_, j) => describeColumn(table, j));

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
    name: columns[j]!, min: present === 0 ? NaN : min, max: present === 0 ? NaN : max, mean, standardDeviation: present === 0 ? NaN : Math.sqrt(squares / present),
    missing: rows - present, distinct: counts.size,
  };
  if (counts.size <= 1) return { ...numbers, kind: 'constant' };
  const [value, count] = mostFrequent(counts);
  const atom = count >= FEWEST_OF_ATOM && count > ATOM_SHARE * present ? { value, share: count / present } : undefined;
  const repeated = counts.size < DISTINCT_CAP && counts.size <= present / 2;
  if ((!repeated && atom === undefined) || !Number.isFinite(min) || !Number.isFinite(max)) return { ...numbers, kind: 'continuous' };
  const different = differentValues({ columns, rows, values }, j);
  const step = gridStep(different);
  const found = { ...numbers, ...(atom === undefined ? {} : { atom }) };
  if (step !== undefined && whole && repeated) return { ...found, kind: 'integer', resolution: step };
  // Amounts to the cent, of which most are zero: the others hardly repeat, and noise of a cent would leave the zeros a spike.
  const othersRepeat = counts.size - 1 <= (present - count) / 2;
  if (step !== undefined && othersRepeat) return { ...found, kind: 'grid', resolution: step };
  return { ...found, kind: 'atoms', resolution: Math.max(step ?? 0, cellWidth(different, value)) };
};

const mostFrequent = (counts: ReadonlyMap<number, number>): readonly [value: number, count: number] => {
  let most: readonly [number, number] = [NaN, 0];
  for (const entry of counts) if (entry[1] > most[1]) most = entry;
  return most;
};

/** Each value of a column once, ascending. */
const differentValues = ({ columns, rows, values }: Pick<Table, 'columns' | 'rows' | 'values'>, j: number): Float32Array =>
  Float32Array.from({ length: rows }, (_, row) => values[row * columns.length + j]!).filter((value) => !Number.isNaN(value)).sort().filter((value, i, sorted) => i === 0 || value !== sorted[i - 1]);

/**
 * The columns that count or label rather than measure: every value is a whole number, there are at least two different
 * ones, fewer than {@link DISTINCT_CAP}, and each stands for two rows or more on average.
 *
 * @remarks Such a column has no density: a model can raise its likelihood without bound by a spike on each value. A column
 * of whole numbers that hardly repeat (a population, a price in cents) is as good as continuous and is not named.
 */
export const integerColumns = (table: Table): readonly string[] =>
  describeColumns(table).filter(({ kind }) => kind === 'integer').map(({ name }) => name);

/**
 * Columns whose values repeat, by their summaries, with the width of the noise that gives each a density ({@link dequantise}): those of fewer
 * than {@link DISTINCT_CAP} different values, each of which stands for two rows or more on average, and those with an atom, a
 * value that more than {@link ATOM_SHARE} of the rows have.
 *
 * @remarks Such a column has no density, or one with spikes: a model can raise its likelihood without bound. Where the values
 * repeat on a grid, apart from the most frequent one too, the resolution is the step of the grid, found in float32 to rounding:
 * 1 for whole numbers, 0.1 for tenths, 1000 for thousands. Else it is the smallest gap between different values, or a hundredth
 * of the distance between their quartiles where that is larger: the smallest gap alone vanishes as rows are added, and the spike
 * would stay.
 */
export const resolutionsOf = (summaries: readonly ColumnSummary[]): Resolutions =>
  Object.fromEntries(summaries.flatMap(({ name, resolution }) => (resolution === undefined ? [] : [[name, resolution]])));
