/** The relative size of one unit in the last place of float32, at most. */
const ROUNDING = 2 ** -23;
/** Steps between 0 and the largest value of a grid, at most: with more, float32 tells a grid from no grid by less than 6 bits. */
const MOST_STEPS = 2 ** 17;
/** The smallest gap of a grid is at most this many steps. */
const MOST_STEPS_OF_GAP = 12;
const MOST_DECIMALS = 6;

/**
 * The coarsest step of which every value is a whole multiple, up to one unit in the last place of float32; `undefined` where
 * there is none. `values` are finite, ascending and different.
 *
 * @remarks Whole numbers are exact in float32: their step is the greatest common divisor. Other steps are decimal numbers
 * or reciprocals of whole numbers: parts of the smallest gap first, then 0.1, 0.01, … The cost is a few passes.
 */
export const gridStep = (values: Float32Array): number | undefined => {
  if (values.every((value) => Number.isInteger(value))) return values.reduce<number>(commonDivisor, 0);
  const { gap, error } = smallestGap(values);
  const largest = Math.max(Math.abs(values[0]!), Math.abs(values.at(-1)!));
  const fits = (step: number): boolean => step <= gap + error && step * MOST_STEPS >= largest && values.every((value) => isMultiple(value, step));
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
 * A width of noise for values that repeat but lie on no grid: the smallest gap between neighbours, and at least a hundredth of the
 * distance between the quartiles of the different values; rounded down to 1, 2 or 5 times a power of ten. `values` are finite,
 * ascending and different, two or more; `atom` is the most frequent of them, and a whole multiple of the result where it is not
 * smaller than that.
 *
 * @remarks Why not the smallest gap alone: among n draws of a density it shrinks like 1/n², so that an atom would stay a spike of
 * any height. A hundredth of the quartiles' distance blurs the other values by a hundredth of their spread at most, and bounds what
 * a model can win by a spike to about log(100) = 4.6 nats for each row of the atom. Each value counts once in the quartiles, so that
 * they are those of the other values however frequent the atom is.
 */
export const cellWidth = (values: Float32Array, atom: number): number => {
  const last = values.length - 1;
  const spread = values[Math.ceil(0.75 * last)]! - values[Math.floor(0.25 * last)]!;
  const width = roundedDown(Math.max(smallestGap(values).gap, spread / 100));
  const size = Math.abs(atom);
  return size < width || isMultiple(atom, width) ? width : size / Math.ceil(size / width);
};

const isMultiple = (value: number, step: number): boolean => Math.abs(value - Math.round(value / step) * step) <= ROUNDING * Math.abs(value);

const commonDivisor = (a: number, b: number): number => {
  let [large, small] = [Math.abs(a), Math.abs(b)];
  while (small > 0) [large, small] = [small, large % small];
  return large;
};

/** Between neighbours that differ by more than rounding, and how far rounding may have moved it. Where no two do, the whole range. */
const smallestGap = (values: Float32Array): { readonly gap: number; readonly error: number } => {
  const errorOf = (i: number): number => ROUNDING * Math.max(Math.abs(values[i - 1]!), Math.abs(values[i]!));
  let smallest = { gap: values.at(-1)! - values[0]!, error: errorOf(values.length - 1) };
  for (let i = 1; i < values.length; i++) {
    const [gap, error] = [values[i]! - values[i - 1]!, errorOf(i)];
    if (gap < smallest.gap && gap > 4 * error) smallest = { gap, error };
  }
  return smallest;
};

/** The decimal numbers within `error` of `x`, fewest digits first, and the reciprocal of a whole number: a gap says its step no better. */
const likely = (x: number, error: number): readonly number[] =>
  [...[1, 2, 3, 4, 5, 6, 7, 8].map((digits) => Number(x.toPrecision(digits))), 1 / Math.round(1 / x)].filter((step) => Math.abs(step - x) <= error);

const roundedDown = (x: number): number => {
  const exponent = Math.floor(Math.log10(x));
  const leading = x / 10 ** exponent;
  return Number(`${leading >= 5 ? 5 : leading >= 2 ? 2 : 1}e${exponent}`);
};
