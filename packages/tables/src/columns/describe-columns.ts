import { ATOM_SHARE, FEWEST_OF_ATOM } from '../frame/atoms.ts';
import { cellWidth, gridStep } from './resolution.ts';

/** Statistics of one column. */
export interface ColumnSummary {
  /** Name of the column. */
  readonly name: string;
  /** Smallest value. NaN if all values are missing. */
  readonly min: number;
  /** Largest value. NaN if all values are missing. */
  readonly max: number;
  /** Mean of the values. NaN if all values are missing. */
  readonly mean: number;
  /** Standard deviation, with divisor `n` (not `n - 1`) for `n` values. NaN if all values are missing. */
  readonly standardDeviation: number;
  /** Number of NaN cells. The other statistics ignore them. */
  readonly missing: number;
  /** Number of different values, counted up to {@link DISTINCT_CAP}. */
  readonly distinct: number;
  /**
   * `constant`: at most one value. `integer`: whole numbers that repeat, as counts and labels do. Values repeat if
   * there are fewer than {@link DISTINCT_CAP} different values, each in two rows or more on average. `grid`: other
   * values that repeat, on a grid. `atoms`: other columns whose values repeat, or that have an atom. `continuous`: the
   * rest.
   */
  readonly kind: 'continuous' | 'integer' | 'grid' | 'atoms' | 'constant';
  /**
   * Width of the uniform noise that gives the column a density: a value `v` stands for `[v, v + resolution)`. Left out
   * for `continuous` and `constant`.
   */
  readonly resolution?: number;
  /**
   * The most frequent value, if it has at least five rows and more than 2 % of the values. Left out otherwise, and for
   * `continuous` and `constant`.
   */
  readonly atom?: Atom;
}

/** A value that many rows share. */
export interface Atom {
  /** The shared value. */
  readonly value: number;
  /** Fraction of the values that are equal to `value`, in `(0, 1]`. Missing values do not count. */
  readonly share: number;
}

/** Most distinct values that a summary counts. This limit bounds the memory. */
const DISTINCT_CAP = 10_000;

/** A column of numbers, such as a column of a frame. NaN is a gap. */
export interface NamedNumbers {
  /** Name of the column. */
  readonly name: string;
  /** One number per row. */
  readonly numbers: ArrayLike<number>;
}

/**
 * Returns a summary of each column of numbers. The numbers are rounded to float32; sums are in double precision. The
 * summary shows which columns have no density because their values repeat, and which have a spike in their density
 * because of an atom. A model can raise the likelihood of such a column without bound. The summary of such a column has
 * a `resolution`: the width of the noise that gives the column a density.
 *
 * If the values repeat on a grid, the resolution is the step of the grid, up to float32 rounding: 1 for whole numbers,
 * 0.1 for tenths, 1000 for thousands. In a column with fractions, the values other than the most frequent value must
 * repeat too. Otherwise the resolution is about the smallest gap between different values, or a hundredth of the
 * distance between their quartiles if that is larger. The smallest gap is not a sufficient width: it tends to 0 as rows
 * are added, and the spike would remain.
 *
 * @remarks Takes two passes over the numbers. A column that has a resolution is sorted too.
 */
export const describeColumns = (columns: readonly NamedNumbers[]): readonly ColumnSummary[] =>
  columns.map(describeColumn);

const describeColumn = ({ name, numbers }: NamedNumbers): ColumnSummary => {
  const values = Float32Array.from(numbers);
  const counts = new Map<number, number>();
  let [min, max, sum, present, whole] = [Infinity, -Infinity, 0, 0, true];
  for (const value of values) {
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
  for (const value of values) if (!Number.isNaN(value)) squares += (value - mean) ** 2;
  const statistics = {
    name,
    min: present === 0 ? NaN : min,
    max: present === 0 ? NaN : max,
    mean,
    standardDeviation: present === 0 ? NaN : Math.sqrt(squares / present),
    missing: values.length - present,
    distinct: counts.size,
  };
  if (counts.size <= 1) return { ...statistics, kind: 'constant' };
  const [value, count] = mostFrequent(counts);
  const atom = count >= FEWEST_OF_ATOM && count > ATOM_SHARE * present ? { value, share: count / present } : undefined;
  const repeated = counts.size < DISTINCT_CAP && counts.size <= present / 2;
  if ((!repeated && atom === undefined) || !Number.isFinite(min) || !Number.isFinite(max))
    return { ...statistics, kind: 'continuous' };
  const different = differentValues(values);
  const step = gridStep(different);
  const found = { ...statistics, ...(atom === undefined ? {} : { atom }) };
  if (step !== undefined && whole && repeated) return { ...found, kind: 'integer', resolution: step };
  // If only the most frequent value repeats, the step of the grid is too narrow. Example: amounts in cents, most of
  // them zero. The other amounts rarely repeat, and with noise of one cent the density would have a spike at zero.
  const othersRepeat = counts.size - 1 <= (present - count) / 2;
  if (step !== undefined && othersRepeat) return { ...found, kind: 'grid', resolution: step };
  return { ...found, kind: 'atoms', resolution: Math.max(step ?? 0, cellWidth(different, value)) };
};

const mostFrequent = (counts: ReadonlyMap<number, number>): readonly [value: number, count: number] => {
  let most: readonly [number, number] = [NaN, 0];
  for (const entry of counts) if (entry[1] > most[1]) most = entry;
  return most;
};

/** Returns the different values of a column, ascending, without NaN. */
const differentValues = (values: Float32Array): Float32Array =>
  values
    .filter((value) => !Number.isNaN(value))
    .sort()
    .filter((value, i, sorted) => i === 0 || value !== sorted[i - 1]);
