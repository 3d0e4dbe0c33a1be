import { ATOM_SHARE, FEWEST_OF_ATOM } from '../frame/atoms.ts';
import { cellWidth, gridStep } from './resolution.ts';

/** Statistics of one column of numbers. */
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
  /** Number of cells that are NaN. All other statistics ignore missing cells. */
  readonly missing: number;
  /** Number of different values. The count stops at {@link DISTINCT_CAP}. */
  readonly distinct: number;
  /**
   * Kind of the column. Values "repeat" if there are fewer than {@link DISTINCT_CAP} different values, and each value
   * occurs in at least two rows on average. `constant`: at most one different value. `integer`: whole numbers that
   * repeat, such as counts and labels. `grid`: repeated values that are not whole numbers but multiples of one step,
   * such as tenths. `atoms`: any other column whose values repeat or that has an atom. `continuous`: all other columns.
   */
  readonly kind: 'continuous' | 'integer' | 'grid' | 'atoms' | 'constant';
  /**
   * Width of the uniform noise that gives the column a density: a value `v` stands for the interval `[v, v +
   * resolution)`. Undefined for the kinds `continuous` and `constant`.
   */
  readonly resolution?: number;
  /**
   * The most frequent value, if it occurs in at least five rows and in more than 2 % of the rows that have a value.
   * Undefined for the kinds `continuous` and `constant`, and if no value is frequent enough.
   */
  readonly atom?: Atom;
  /**
   * The frequent values of a column whose other values rarely repeat: each of them occurs in at least five rows and in
   * more than 2 % of the rows that have a value. Only these values get noise. Undefined if all values get noise.
   */
  readonly spikes?: readonly number[];
}

/** A frequent value of a column: many rows have exactly this value. */
export interface Atom {
  /** The frequent value. */
  readonly value: number;
  /** Fraction of the values that are equal to `value`, in `(0, 1]`. Missing values are not counted. */
  readonly share: number;
}

/** Largest number of different values that a summary counts. The limit bounds the memory that a summary needs. */
const DISTINCT_CAP = 10_000;

/** A column of numbers, such as a column of a frame. NaN marks a missing value. */
export interface NamedNumbers {
  /** Name of the column. */
  readonly name: string;
  /** One number per row. */
  readonly numbers: ArrayLike<number>;
}

/**
 * Returns a summary of each column of numbers. The numbers are rounded to float32, and sums are computed in double
 * precision. A column whose values repeat has no density. A column with an atom (a frequent value) has a density with a
 * spike. A model can raise the likelihood of a column with repeated values or with an atom without bound. So the
 * summary of a column of these two kinds has a `resolution`: the width of the noise that gives the column a density.
 *
 * If the values repeat on a grid, the resolution is the step of the grid, up to float32 rounding: 1 for whole numbers,
 * 0.1 for tenths, 1000 for thousands. A column with fractions counts as a grid only if its values still repeat without
 * its frequent values. For columns without a grid, the resolution is about the smallest distance between different
 * values, or a hundredth of the distance between their quartiles if that is larger. The smallest distance is not a
 * sufficient width, because it tends to 0 as rows are added. The noisy values would still have a density with a spike.
 * If only a few frequent values repeat, only these `spikes` get noise.
 *
 * @remarks Takes two passes over the numbers. A column that gets a resolution is also sorted.
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
  const atom = isFrequent(count, present) ? { value, share: count / present } : undefined;
  const repeated = counts.size < DISTINCT_CAP && counts.size <= present / 2;
  if ((!repeated && atom === undefined) || !Number.isFinite(min) || !Number.isFinite(max))
    return { ...statistics, kind: 'continuous' };
  const different = differentValues(values);
  const step = gridStep(different);
  const found = { ...statistics, ...(atom === undefined ? {} : { atom }) };
  if (step !== undefined && whole && repeated) return { ...found, kind: 'integer', resolution: step };
  // If only frequent values repeat, a step of the other values says nothing, and is too narrow for the noise. An example
  // is a column of amounts in cents, most of which are zero. The amounts above zero rarely repeat, and with noise of one
  // cent the density would have a spike at zero. The amounts above zero need no noise.
  const spikes = [...counts].filter(([, n]) => isFrequent(n, present)).map(([own]) => own);
  const large = spikes.filter((own) => own === value || counts.get(own)! > LARGE * present);
  const inLarge = large.reduce((rows, own) => rows + counts.get(own)!, 0);
  const othersRepeat = counts.size - large.length <= (present - inLarge) / 2;
  if (step !== undefined && othersRepeat) return { ...found, kind: 'grid', resolution: step };
  const width = cellWidth(different, value);
  // The step is wide enough for the noise, and all cells fit it.
  if (step !== undefined && width <= step) return { ...found, kind: 'atoms', resolution: step };
  if (othersRepeat || spikes.length === 0) return { ...found, kind: 'atoms', resolution: width };
  spikes.sort((a, b) => a - b);
  const apart = Math.min(...spikes.slice(1).map((own, i) => own - spikes[i]!));
  return { ...found, kind: 'atoms', resolution: Math.min(width, apart), spikes };
};

/** Share of the rows of a value that is not counted in the decision whether the other values of a column repeat. */
const LARGE = 0.1;

/** Whether a value of `count` rows is an atom of a column with `present` values. */
const isFrequent = (count: number, present: number): boolean => count >= FEWEST_OF_ATOM && count > ATOM_SHARE * present;

const mostFrequent = (counts: ReadonlyMap<number, number>): readonly [value: number, count: number] => {
  let most: readonly [number, number] = [NaN, 0];
  for (const entry of counts) if (entry[1] > most[1]) most = entry;
  return most;
};

/** Returns the different values of a column in ascending order, without NaN. */
const differentValues = (values: Float32Array): Float32Array =>
  values
    .filter((value) => !Number.isNaN(value))
    .sort()
    .filter((value, i, sorted) => i === 0 || value !== sorted[i - 1]);
