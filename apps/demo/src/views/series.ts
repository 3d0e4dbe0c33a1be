// Functions that prepare the data of charts.

/** A series of points as two arrays of equal length. `x` is ascending. */
export interface Series {
  readonly x: readonly number[];
  readonly y: readonly (number | null)[];
}

/**
 * Thins a series to at most `most` points. Each point of the result is the mean of a group of consecutive points, at
 * the last `x` of the group. The last group may be smaller than the preceding groups.
 */
export const thin = (
  x: readonly number[],
  y: readonly number[],
  most: number,
): { readonly x: readonly number[]; readonly y: readonly number[] } => {
  const each = Math.ceil(x.length / most);
  if (each <= 1) return { x, y };
  const [xs, ys]: [number[], number[]] = [[], []];
  for (let start = 0; start < x.length; start += each) {
    const end = Math.min(x.length, start + each);
    let sum = 0;
    for (let i = start; i < end; i++) sum += y[i]!;
    xs.push(x[end - 1]!);
    ys.push(sum / (end - start));
  }
  return { x: xs, y: ys };
};

/**
 * Merges several series into columns for a chart. The first column is `x`, the sorted union of all `x` of the series.
 * The column of a series is `undefined` where the series has no point. A `null` in a series is kept and causes a gap in
 * its curve.
 */
export const align = (series: readonly Series[]): readonly (readonly (number | null | undefined)[])[] => {
  const next = series.map(() => 0);
  const x: number[] = [];
  const columns: (number | null | undefined)[][] = series.map(() => []);
  for (;;) {
    let least = Infinity;
    series.forEach((one, s) => {
      least = Math.min(least, one.x[next[s]!] ?? Infinity);
    });
    if (least === Infinity) return [x, ...columns];
    x.push(least);
    series.forEach((one, s) => {
      const here = one.x[next[s]!] === least;
      columns[s]!.push(here ? one.y[next[s]!] : undefined);
      if (here) next[s] = next[s]! + 1;
    });
  }
};

/**
 * Returns the limits of the axis for a decreasing loss, with a margin above and below. The limits include 99 % of the
 * values of the second half of the steps, and the lowest 95 % of all values. The high losses of the first steps
 * therefore do not compress the rest of the curve. The limits also include the values in `always`, such as held-out
 * losses and the entropy. Returns undefined if no value is finite.
 */
export const robustRange = (
  losses: readonly (readonly number[])[],
  always: readonly number[] = [],
): readonly [number, number] | undefined => {
  const lows: number[] = always.filter(Number.isFinite);
  const highs: number[] = [...lows];
  for (const one of losses) {
    const finite = one.filter(Number.isFinite);
    if (finite.length === 0) continue;
    const late = finite.slice(Math.floor(finite.length / 2)).sort(ascending);
    const all = finite.sort(ascending);
    lows.push(all[0]!);
    highs.push(quantile(late, 0.99), quantile(all, 0.95));
  }
  if (highs.length === 0) return undefined;
  const [low, high] = [Math.min(...lows), Math.max(...highs)];
  const air = Math.max((high - low) * 0.06, 1e-3, Math.abs(high) * 1e-3);
  return [low - air, high + air];
};
const ascending = (a: number, b: number): number => a - b;

/** Returns a quantile of sorted numbers, interpolated linearly between adjacent numbers. */
export const quantile = (sorted: readonly number[], q: number): number => {
  const at = q * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return below + (above - below) * (at - Math.floor(at));
};

/**
 * Returns the limits of a logarithmic axis: integer powers of ten that enclose all positive values. Undefined if there
 * is no positive value.
 */
export const decades = (
  values: readonly number[],
  always: readonly number[] = [],
): readonly [number, number] | undefined => {
  const logs = [...values, ...always].filter((value) => value > 0 && Number.isFinite(value)).map(Math.log10);
  if (logs.length === 0) return undefined;
  const low = Math.floor(Math.min(...logs));
  return [powerOfTen(low), powerOfTen(Math.max(low + 1, Math.ceil(Math.max(...logs))))];
};

/**
 * Returns the correctly rounded power of ten. `10 ** exponent` is not correctly rounded for some negative exponents.
 */
export const powerOfTen = (exponent: number): number => Number(`1e${exponent}`);
