import type { ColumnSpec, Values } from '@impflow/tables';

/**
 * Rows as points, between which {@link squaredDistance} is defined. A coordinate is the rank of a number, or the code of
 * a category; NaN is a gap.
 */
export interface Points {
  /** Number of rows. */
  readonly rows: number;
  /** Number of columns. */
  readonly width: number;
  /** The coordinates, `[rows, width]`. */
  readonly at: Float64Array;
  /** Whether each column has categories. */
  readonly isCategory: readonly boolean[];
}

/**
 * Returns a function that converts rows to points. Ranks are taken among the rows of `reference`, and are divided by
 * their number, so that distances depend neither on units nor on heavy tails.
 */
export const pointsBy = (columns: readonly ColumnSpec[], reference: Values): ((values: Values) => Points) => {
  const sorted = columns.map((column, j) =>
    column.kind === 'category' ? undefined : reference.columns[j]!.filter((value) => !Number.isNaN(value)).sort(),
  );
  const isCategory = columns.map(({ kind }) => kind === 'category');
  return (values) => {
    const width = columns.length;
    const at = new Float64Array(values.rows * width);
    sorted.forEach((known, j) => {
      const column = values.columns[j]!;
      for (let row = 0; row < values.rows; row++)
        at[row * width + j] = known === undefined ? column[row]! : rankAmong(known, column[row]!);
    });
    return { rows: values.rows, width, at, isCategory };
  };
};

/** Returns the share of the sorted numbers that are below a number. Numbers equal to it count as half. */
const rankAmong = (sorted: Float64Array, value: number): number => {
  if (Number.isNaN(value)) return NaN;
  const below = countUntil(sorted, (each) => each < value);
  const notAbove = countUntil(sorted, (each) => each <= value);
  return (below + notAbove) / 2 / sorted.length;
};

/** Returns how many of the first elements fulfil a condition that no later element fulfils. */
const countUntil = (sorted: Float64Array, fulfils: (value: number) => boolean): number => {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fulfils(sorted[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** Factor by which the mean squared difference of two uniform ranks becomes 1, the distance of two categories. */
const OF_RANKS = 6;

/**
 * Returns the squared distance of a row of `a` and a row of `b`: the sum over the columns of the squared difference of
 * ranks, or 1 for different categories, or 1 for a gap beside a value. Two independent numbers have a mean of 1.
 */
export const squaredDistance = (a: Points, i: number, b: Points, j: number): number => {
  const { width, isCategory } = a;
  let sum = 0;
  for (let k = 0; k < width; k++) {
    const [x, y] = [a.at[i * width + k]!, b.at[j * width + k]!];
    if (x === y) continue;
    if (Number.isNaN(x) || Number.isNaN(y)) sum += Number.isNaN(x) && Number.isNaN(y) ? 0 : 1;
    else sum += isCategory[k] === true ? 1 : OF_RANKS * (x - y) ** 2;
  }
  return sum;
};

/** Returns the squared distances of all rows of `a` to all rows of `b`, `[a.rows, b.rows]`, as float32. */
export const squaredDistances = (a: Points, b: Points): Float32Array => {
  const out = new Float32Array(a.rows * b.rows);
  for (let i = 0; i < a.rows; i++) for (let j = 0; j < b.rows; j++) out[i * b.rows + j] = squaredDistance(a, i, b, j);
  return out;
};
