/** Largest relative size of one unit in the last place of float32. */
const ROUNDING = 2 ** -23;
/**
 * Largest number of steps between 0 and the largest value on a grid. With more steps, fewer than 6 bits of float32
 * distinguish values on a grid from other numbers.
 */
const MOST_STEPS = 2 ** 17;
/** Largest number of grid steps between the two values of a grid that are closest to each other. */
const MOST_STEPS_OF_GAP = 12;
const MOST_DECIMALS = 6;

/**
 * Returns the coarsest step of which every value is a whole multiple, up to one unit in the last place of float32, or
 * `undefined` if no step fits. `values` are finite, ascending and different.
 *
 * @remarks Whole numbers are exact in float32, so their step is the greatest common divisor. Other steps are decimal
 * numbers or reciprocals of whole numbers. Fractions of the smallest distance between values are tried first, and then
 * 0.1, 0.01, … The search takes a few passes over the values.
 */
export const gridStep = (values: Float32Array): number | undefined => {
  if (values.every((value) => Number.isInteger(value))) return values.reduce<number>(commonDivisor, 0);
  const { gap, error } = smallestGap(values);
  const largest = Math.max(Math.abs(values[0]!), Math.abs(values.at(-1)!));
  const fits = (step: number): boolean =>
    step <= gap + error && step * MOST_STEPS >= largest && values.every((value) => isMultiple(value, step));
  for (let parts = 1; parts <= MOST_STEPS_OF_GAP; parts++) {
    const step = likely(gap / parts, error / parts).find(fits);
    if (step !== undefined) return step;
  }
  for (let decimals = 1; decimals <= MOST_DECIMALS; decimals++) {
    const step = Number(`1e-${decimals}`);
    if (fits(step)) return step;
  }
  return undefined;
};

/**
 * Returns the width of noise for values that repeat but do not lie on a grid. The width is the smallest distance
 * between adjacent values, or a hundredth of the distance between the quartiles of the different values if that is
 * larger. The width is rounded down to 1, 2 or 5 times a power of ten. `values` are at least two finite, different
 * numbers in ascending order. `atom` is the most frequent value. If the magnitude of the atom is at least the width,
 * the width is reduced so that the atom is a multiple of the width.
 *
 * @remarks The smallest distance between values is not a sufficient width: among `n` draws of a density, this distance
 * shrinks like `1/n^2`, so with noise of this width, the spike of an atom would grow without bound as rows are added.
 * Noise with a width of a hundredth of the distance between the quartiles blurs the values by at most a hundredth of
 * their spread. This noise limits the gain of a model from a spike to about log(100) = 4.6 nats per row of the atom.
 * Each different value is counted once in the quartiles, so the quartiles do not depend on the frequency of the atom.
 */
export const cellWidth = (values: Float32Array, atom: number): number => {
  const last = values.length - 1;
  const spread = values[Math.ceil(0.75 * last)]! - values[Math.floor(0.25 * last)]!;
  const width = roundedDown(Math.max(smallestGap(values).gap, spread / 100));
  const size = Math.abs(atom);
  return size < width || isMultiple(atom, width) ? width : size / Math.ceil(size / width);
};

const isMultiple = (value: number, step: number): boolean =>
  Math.abs(value - Math.round(value / step) * step) <= ROUNDING * Math.abs(value);

const commonDivisor = (a: number, b: number): number => {
  let [large, small] = [Math.abs(a), Math.abs(b)];
  while (small > 0) [large, small] = [small, large % small];
  return large;
};

/**
 * Returns the smallest distance between adjacent values, and the rounding error of this distance. Adjacent values that
 * differ only by rounding are ignored. If all adjacent values differ only by rounding, the distance is the range of all
 * values.
 */
const smallestGap = (values: Float32Array): { readonly gap: number; readonly error: number } => {
  const errorOf = (i: number): number => ROUNDING * Math.max(Math.abs(values[i - 1]!), Math.abs(values[i]!));
  let smallest = { gap: values.at(-1)! - values[0]!, error: errorOf(values.length - 1) };
  for (let i = 1; i < values.length; i++) {
    const [gap, error] = [values[i]! - values[i - 1]!, errorOf(i)];
    if (gap < smallest.gap && gap > 4 * error) smallest = { gap, error };
  }
  return smallest;
};

/**
 * Returns candidates for the step of a grid. All candidates differ from `x` by at most `error`. Decimal numbers come
 * first, ordered by their number of digits. The reciprocal of a whole number comes last.
 */
const likely = (x: number, error: number): readonly number[] =>
  [...[1, 2, 3, 4, 5, 6, 7, 8].map((digits) => Number(x.toPrecision(digits))), 1 / Math.round(1 / x)].filter(
    (step) => Math.abs(step - x) <= error,
  );

const roundedDown = (x: number): number => {
  const exponent = Math.floor(Math.log10(x));
  const leading = x / 10 ** exponent;
  return Number(`${leading >= 5 ? 5 : leading >= 2 ? 2 : 1}e${exponent}`);
};
