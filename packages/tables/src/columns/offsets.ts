import type { Offsets } from '../frame/table.ts';
import type { ColumnSummary } from './columns.ts';

/** A column in double precision. Missing values are NaN. */
interface Column {
  /** Name of the column. */
  readonly name: string;
  /** One value per row. */
  readonly values: ArrayLike<number>;
}

/** A float32 step above this share of the column's resolution is too coarse: noise of that width would round away. */
const COARSE = 1 / 16;
/**
 * The resolution of a column with fractions is at least this share of its range, because the smallest gap among draws
 * of a density says nothing.
 */
const FINEST = 2 ** -12;
/** Centering helps if the largest magnitude is at least this many times half the range. */
const GAIN = 4;

/**
 * Returns offsets for the columns that float32 is too coarse for: Unix times, dates such as 20200131, 1e8 + N(0, 1).
 *
 * @remarks A column gets an offset if both conditions hold. (1) The float32 step at its largest magnitude is more than
 * a sixteenth of the column's resolution, or all values are whole numbers and float32 rounds one of them. The
 * resolution is the smallest gap between values; in a column with fractions it is at least 1/4096 of the range. (2) The
 * largest magnitude is at least four times half the range. A column of two values that are not both whole always gets
 * the smaller one as its offset: 0.5 and 1.5 differ as 0 and 1 do. The offset is a value of the column, so that a grid
 * stays a grid. Columns for which (2) holds are sorted.
 */
export const offsetsOf = (columns: readonly Column[]): Offsets =>
  Object.fromEntries(
    columns.flatMap((column) => {
      const offset = offsetOf(column);
      return offset === 0 ? [] : [[column.name, offset]];
    }),
  );

const offsetOf = ({ values }: Column): number => {
  let [min, max, whole, rounded] = [Infinity, -Infinity, true, false];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
    whole &&= Number.isInteger(value);
    rounded ||= Math.fround(value) !== value;
  }
  const [range, size] = [max - min, Math.max(Math.abs(min), Math.abs(max))];
  if (!(range > 0 && range < Infinity)) return 0;
  if (!whole && hasTwo(values, min, max)) return min;
  if (size < (GAIN * range) / 2) return 0;
  const step = 2 ** (Math.floor(Math.log2(size)) - 23);
  const sorted = Float64Array.from(values)
    .filter((value) => !Number.isNaN(value))
    .sort();
  const own = whole ? smallestGap(sorted) : Math.max(smallestGap(sorted), FINEST * range);
  return step > COARSE * own || (whole && rounded) ? nearest(sorted, min + range / 2) : 0;
};

/** Whether the column contains only these two values and missing ones. */
const hasTwo = (values: ArrayLike<number>, a: number, b: number): boolean =>
  Array.prototype.every.call(values, (value: number) => value === a || value === b || Number.isNaN(value));

const smallestGap = (sorted: Float64Array): number =>
  sorted.reduce(
    (gap, value, i) => (i === 0 || value === sorted[i - 1]! ? gap : Math.min(gap, value - sorted[i - 1]!)),
    Infinity,
  );

const nearest = (values: Float64Array, to: number): number =>
  values.reduce((best, value) => (Math.abs(value - to) < Math.abs(best - to) ? value : best));

/** Returns the offset of each column, 0 for a column without one. */
export const offsetList = (columns: readonly string[], offsets: Offsets): readonly number[] =>
  columns.map((name) => (Object.hasOwn(offsets, name) ? offsets[name]! : 0));

/**
 * Converts float32 values `[n, columns]` to the units of the file by adding the offsets in float64. Returns the same
 * array if no column has an offset.
 */
export const inUnits = (
  values: Float32Array,
  columns: readonly string[],
  offsets: Offsets,
): Float32Array | Float64Array => {
  const list = offsetList(columns, offsets);
  if (list.every((offset) => offset === 0)) return values;
  return Float64Array.from(values, (value, i) => {
    const offset = list[i % list.length]!;
    // The decimal that the float32 stands for: 0.3, not 0.30000001.
    const shortest = offset === 0 || Number.isInteger(value) ? value : Number(value.toPrecision(7));
    return offset === 0 ? value : Number((shortest + offset).toPrecision(15));
  });
};

/** Adds the offsets to summaries of columns, which converts them to the units of the file. */
export const summariesInUnits = (summaries: readonly ColumnSummary[], offsets: Offsets): readonly ColumnSummary[] => {
  const list = offsetList(
    summaries.map(({ name }) => name),
    offsets,
  );
  return summaries.map((summary, j) => {
    const offset = list[j]!;
    const { min, max, mean, atom } = summary;
    return offset === 0
      ? summary
      : {
          ...summary,
          min: min + offset,
          max: max + offset,
          mean: mean + offset,
          ...(atom === undefined ? {} : { atom: { ...atom, value: atom.value + offset } }),
        };
  });
};

/** Returns offsets that were stored as JSON, or `undefined` if the value is not a record of finite numbers. */
export const readOffsets = (value: unknown): Offsets | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(Number.isFinite)
    ? (value as Offsets)
    : undefined;

/** Returns one sentence per offset that says what it does. */
export const offsetRemarks = (offsets: Offsets): readonly string[] =>
  Object.entries(offsets).map(
    ([name, offset]) =>
      `${name}: ${offset} is subtracted in float64, before its values become float32, and added to samples.`,
  );
