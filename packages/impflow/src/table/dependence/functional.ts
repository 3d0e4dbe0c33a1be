import type { StandardColumn } from './columns.ts';
import { COARSE, NEAR, type Dependence } from './dependence.ts';

/** Smallest number of rows, and of rows at which a column changes, for the test of a function. */
const LEAST = 30;
/** Share of the rows at which the interpolation must be accurate. The others may lie at jumps and in sparse tails. */
const SHARE = 0.9;
/** Number of rows that are tested first. Most pairs fail there. */
const FIRST = 16;
/** Smallest number of different values of a dependent column. Fewer values are determined by chance. */
const DISTINCT = 20;

/**
 * Finds the columns that are a function of one other column, such as its square or its logarithm. The rows are sorted by
 * one column. The other is a function of it if nearly all its values lie on the line between their two neighbors, or on
 * the cubic through their four neighbors. In a pair of columns, the later one is named if both are functions of each
 * other.
 *
 * @param columns Standardized columns, in the order of the table, with their rows in random order: equal values keep
 * this order, so that a column that is sorted in the table does not look like a function of a constant.
 * @remarks For `n` rows and `d` columns, `d` sorts and `n d^2` operations at most; nearly all pairs end after 16 rows.
 */
export const functionalDependences = (columns: readonly StandardColumn[]): readonly Dependence[] => {
  const order = columns.map(({ values }) => sortedRows(values));
  const tested = columns.map((column) => ({
    ...column,
    isTested: !column.given && new Set(column.values).size >= DISTINCT,
  }));
  const found: Dependence[] = [];
  const isFound = (name: string): boolean => found.some((dependence) => dependence.name === name);
  tested.forEach((later, j) => {
    for (let i = 0; i < j && !isFound(later.name); i++) {
      const earlier = tested[i]!;
      if (isFound(earlier.name)) continue;
      const dependence =
        (later.isTested ? functionOf(later, earlier, order[i]!) : undefined) ??
        (earlier.isTested ? functionOf(earlier, later, order[j]!) : undefined);
      if (dependence !== undefined) found.push(dependence);
    }
  });
  return found;
};

/** Returns the indices of the rows with a value, in ascending order of the values. */
const sortedRows = (values: Float64Array): Uint32Array => {
  const rows = Uint32Array.from(values.keys()).filter((row) => !Number.isNaN(values[row]));
  // The sort of typed arrays is stable.
  return rows.sort((a, b) => values[a]! - values[b]!);
};

/** Returns the relation of `y` to `x` if `y` is a function of `x`. `order` are the rows in the order of `x`. */
const functionOf = (y: StandardColumn, x: StandardColumn, order: Uint32Array): Dependence | undefined => {
  const rows = y.hasGaps ? order.filter((row) => !Number.isNaN(y.values[row])) : order;
  if (rows.length < LEAST) return undefined;
  // Rounding errors are uniform: the largest error is the root of 3 times the root mean square. The errors of a value and
  // of the line between its neighbors add up.
  const rounding = 2 * Math.sqrt(3) * (y.rounding + x.rounding);
  const tolerance = Math.max(NEAR, rounding <= COARSE ? rounding : 0);
  let [changes, accurate, sum] = [0, 0, 0];
  // The walk visits all inner rows in an order that spreads the first ones over the whole range.
  const inner = rows.length - 4;
  const step = strideOf(inner);
  for (let i = 0, at = 0; i < inner; i++, at = (at + step) % inner) {
    const error = interpolationError(x.values, y.values, rows, at);
    if (error === undefined) continue;
    changes++;
    if (error <= tolerance) {
      accurate++;
      sum += error;
    }
    if (changes === FIRST && accurate < changes / 2) return undefined;
  }
  if (changes < LEAST || changes < rows.length / 4 || accurate < SHARE * changes) return undefined;
  return {
    name: y.name,
    kind: 'function',
    others: [x.name],
    residual: sum / accurate,
    rounding: y.rounding + x.rounding,
    noisy: y.noisy || x.noisy,
  };
};

/**
 * Returns the distance of the middle of five consecutive values from the interpolation of its neighbors: the smaller of
 * the linear and the cubic error. Undefined if the middle value equals both neighbors.
 *
 * @param rows The rows in the order of `x`.
 * @param at Index in `rows` of the first of the five.
 */
const interpolationError = (x: Float64Array, y: Float64Array, rows: Uint32Array, at: number): number | undefined => {
  const [a, b, c, d, e] = [rows[at]!, rows[at + 1]!, rows[at + 2]!, rows[at + 3]!, rows[at + 4]!];
  const value = y[c]!;
  const [before, after] = [y[b]! - value, y[d]! - value];
  if (before === 0 && after === 0) return undefined;
  // Distances of the neighbors from the middle. Neighbors at the same place as the middle count by their mean.
  const [A, B, D, E] = [x[a]! - x[c]!, x[b]! - x[c]!, x[d]! - x[c]!, x[e]! - x[c]!];
  if (B === D) return Math.abs(before + after) / 2;
  const linear = Math.abs((before * D - after * B) / (D - B));
  // Lagrange's form of the cubic through the four neighbors, at the middle.
  const cubic = Math.abs(
    ((y[a]! - value) * B * D * E) / ((A - B) * (A - D) * (A - E)) +
      (before * A * D * E) / ((B - A) * (B - D) * (B - E)) +
      (after * A * B * E) / ((D - A) * (D - B) * (D - E)) +
      ((y[e]! - value) * A * B * D) / ((E - A) * (E - B) * (E - D)),
  );
  return cubic < linear ? cubic : linear;
};

/** Returns a step, near the golden section of `n`, that has no common divisor with `n`. */
const strideOf = (n: number): number => {
  let step = Math.max(1, Math.round(0.618 * n));
  while (commonDivisor(step, n) > 1) step++;
  return step;
};

const commonDivisor = (a: number, b: number): number => (b === 0 ? a : commonDivisor(b, a % b));
