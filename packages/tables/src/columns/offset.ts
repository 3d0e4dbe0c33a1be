/**
 * If the step between float32 numbers is larger than this fraction of the column's resolution, float32 is too coarse:
 * rounding would remove the noise.
 */
const COARSE = 1 / 16;
/**
 * Smallest resolution of a column with fractions, as a fraction of the range of the column. Without this limit, the
 * resolution of a column with draws from a continuous density would be tiny: the smallest distance between two draws.
 */
const FINEST = 2 ** -12;
/**
 * Subtracting an offset makes the numbers much smaller only if their largest magnitude is at least this many times half
 * the range of the values.
 */
const GAIN = 4;

/**
 * Returns the offset to subtract from the numbers of a column for which float32 is too coarse, such as Unix times,
 * dates like 20200131, or 1e8 + N(0, 1). Returns 0 for columns that need no offset. NaN marks a missing value.
 *
 * @remarks A column gets an offset if the following two conditions hold. (1) The step between float32 numbers at the
 * largest magnitude is more than a sixteenth of the column's resolution, or all values are whole numbers and float32
 * rounds one of the values. The resolution is the smallest distance between values. In a column with fractions, the
 * resolution is at least 1/4096 of the range. (2) The largest magnitude is at least four times half the range. If a
 * column has only two different values, and one of them is a fraction, the smaller value is always the offset: 0.5 and
 * 1.5 become 0 and 1. The offset is a value of the column, so that multiples of a step stay multiples of the step.
 * Columns that satisfy condition (2) are sorted.
 */
export const offsetOf = (values: ArrayLike<number>): number => {
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

/** Whether all values of a column are `a`, `b` or missing. */
const hasTwo = (values: ArrayLike<number>, a: number, b: number): boolean =>
  Array.prototype.every.call(values, (value: number) => value === a || value === b || Number.isNaN(value));

const smallestGap = (sorted: Float64Array): number =>
  sorted.reduce(
    (gap, value, i) => (i === 0 || value === sorted[i - 1]! ? gap : Math.min(gap, value - sorted[i - 1]!)),
    Infinity,
  );

const nearest = (values: Float64Array, to: number): number =>
  values.reduce((best, value) => (Math.abs(value - to) < Math.abs(best - to) ? value : best));
