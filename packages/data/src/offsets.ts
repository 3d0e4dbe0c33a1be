import type { ColumnSummary } from './columns.ts';

/**
 * What was subtracted from columns, in float64, before they became float32, by name: a number of float32 is the file's less its offset.
 * Finite, in units of the column. Plain JSON; a column without an offset is not named.
 */
export type Offsets = Readonly<Record<string, number>>;

/** A column with numbers in double precision, NaN where one is missing. */
interface Column {
  readonly name: string;
  readonly values: ArrayLike<number>;
}

/** A step of float32 is coarse where it is more than this share of the column's own resolution: noise that is thinner than the steps would round away. */
const COARSE = 1 / 16;
/** The own resolution of a column that is not of whole numbers is at least this share of its range: the smallest gap among draws of a density says nothing. */
const FINEST = 2 ** -12;
/** Centring pays where the values are at least this many times as large as half of their range. */
const GAIN = 4;

/**
 * The offsets of columns that float32 is too coarse for: Unix times, dates such as 20200131, 1e8 + N(0, 1).
 *
 * @remarks A column gets an offset where both hold. (1) The step of float32 at its largest size is more than a sixteenth of the column's own
 * resolution: the smallest gap between its values, and unless all are whole numbers at least 1/4096 of its range; or it holds a whole number that
 * float32 rounds. (2) Its values are at least four times as large as half of its range. A column of two values of which one is not whole gets one
 * too, the smaller value: 0.5 and 1.5 are as far apart as 0 and 1. The offset is a value of the column, so that a grid stays a grid. Sorts the
 * columns for which (2) holds.
 */
export const offsetsOf = (columns: readonly Column[]): Offsets => Object.fromEntries(columns.flatMap((column) => {
  const offset = offsetOf(column);
  return offset === 0 ? [] : [[column.name, offset]];
}));

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
  if (size < GAIN * range / 2) return 0;
  const step = 2 ** (Math.floor(Math.log2(size)) - 23);
  const sorted = Float64Array.from(values).filter((value) => !Number.isNaN(value)).sort();
  const own = whole ? smallestGap(sorted) : Math.max(smallestGap(sorted), FINEST * range);
  return step > COARSE * own || (whole && rounded) ? nearest(sorted, min + range / 2) : 0;
};

/** Whether the values are these two alone. */
const hasTwo = (values: ArrayLike<number>, a: number, b: number): boolean =>
  Array.prototype.every.call(values, (value: number) => value === a || value === b || Number.isNaN(value));

const smallestGap = (sorted: Float64Array): number => sorted.reduce((gap, value, i) => (i === 0 || value === sorted[i - 1]! ? gap : Math.min(gap, value - sorted[i - 1]!)), Infinity);

const nearest = (values: Float64Array, to: number): number => values.reduce((best, value) => (Math.abs(value - to) < Math.abs(best - to) ? value : best));

/** The offset of each of these columns, 0 for one without. */
export const offsetList = (columns: readonly string[], offsets: Offsets): readonly number[] => columns.map((name) => (Object.hasOwn(offsets, name) ? offsets[name]! : 0));

/** Float32 numbers `[n, columns]` in the units of the file: as they are where no column has an offset, else with the offsets added in float64. */
export const inUnits = (values: Float32Array, columns: readonly string[], offsets: Offsets): Float32Array | Float64Array => {
  const list = offsetList(columns, offsets);
  if (list.every((offset) => offset === 0)) return values;
  return Float64Array.from(values, (value, i) => {
    const offset = list[i % list.length]!;
    // The decimal that a float32 stands for: 0.3, not 0.30000001.
    const shortest = offset === 0 || Number.isInteger(value) ? value : Number(value.toPrecision(7));
    return offset === 0 ? value : Number((shortest + offset).toPrecision(15));
  });
};

/** Summaries of columns without their offsets, in the units of the file. */
export const summariesInUnits = (summaries: readonly ColumnSummary[], offsets: Offsets): readonly ColumnSummary[] => {
  const list = offsetList(summaries.map(({ name }) => name), offsets);
  return summaries.map((summary, j) => {
    const offset = list[j]!;
    const { min, max, mean, atom } = summary;
    return offset === 0 ? summary : { ...summary, min: min + offset, max: max + offset, mean: mean + offset, ...(atom === undefined ? {} : { atom: { ...atom, value: atom.value + offset } }) };
  });
};

/** What a file remembers of offsets; `undefined` for anything else. */
export const readOffsets = (value: unknown): Offsets | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(Number.isFinite) ? (value as Offsets) : undefined;

/** What the offsets do, in a sentence each. */
export const offsetRemarks = (offsets: Offsets): readonly string[] =>
  Object.entries(offsets).map(([name, offset]) => `${name}: ${offset} is subtracted in float64, before its values become float32, and added to samples.`);
