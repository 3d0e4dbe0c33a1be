import { groupsOf } from './groups.ts';
import type { LevelColumn, PlotColumn } from './plot-column.ts';
import { thinned } from './statistics.ts';

/** Largest numbers of columns and rows that are compared. With more, the comparison would take longer than a second. */
const MOST = { columns: 300, rows: 500 } as const;

/**
 * Chooses `count` columns of numbers that depend most on each other: first the two columns with the largest dependence,
 * then the column with the largest sum of dependences on the columns chosen so far. Returns them in the given order. The
 * dependence is the sum of two rank correlations, in the data and in the draws. Each is reduced by what chance
 * explains: otherwise a large correlation that few rows of data have by chance would be chosen, and the model would seem
 * to miss it.
 *
 * @remarks Compares the first 300 columns.
 */
export const mostDependent = (columns: readonly PlotColumn[], count: number): readonly PlotColumn[] => {
  if (columns.length <= count) return columns;
  const ranks = columns.slice(0, MOST.columns).map(({ data, samples }) => [ranksOf(data), ranksOf(samples)] as const);
  const between = (i: number, j: number): number =>
    [0, 1].reduce((sum, part) => sum + beyondChance(ranks[i]![part]!, ranks[j]![part]!), 0);
  let [next, largest] = [0, -1];
  for (const i of ranks.keys()) {
    for (let j = 0; j < i; j++) {
      const own = between(i, j);
      if (own > largest) [next, largest] = [j, own];
    }
  }
  const sums = ranks.map(() => 0);
  const chosen: number[] = [];
  while (chosen.length < count) {
    chosen.push(next);
    for (const i of ranks.keys()) sums[i]! += between(i, chosen.at(-1)!);
    next = sums.reduce((best, sum, i) => (!chosen.includes(i) && (best < 0 || sum > sums[best]!) ? i : best), -1);
  }
  return chosen.toSorted((a, b) => a - b).map((i) => columns[i]!);
};

const beyondChance = (a: Float64Array, b: Float64Array): number =>
  Math.max(0, Math.abs(dot(a, b)) - 3 / Math.sqrt(a.length));

/** Returns the ranks of some cells, with mean 0 and a sum of squares of 1. A gap has rank 0. */
const ranksOf = (cells: ArrayLike<number>): Float64Array => {
  const values = thinned(Array.from(cells), MOST.rows);
  const order = [...values.keys()]
    .filter((i) => Number.isFinite(values[i]))
    .toSorted((a, b) => values[a]! - values[b]!);
  const ranks = new Float64Array(values.length);
  for (const [rank, i] of order.entries()) ranks[i] = rank - (order.length - 1) / 2;
  const length = Math.sqrt(dot(ranks, ranks));
  return length === 0 ? ranks : ranks.map((rank) => rank / length);
};

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/**
 * Chooses the column of categories that separates the numbers best: the column with the largest share of the squared
 * ranks of the numbers that the means of its categories explain in the draws, of which there are many. Returns undefined if no column
 * has two categories, or if the rare categories of all columns are more than half of the data.
 */
export const mostSeparating = (
  categories: readonly LevelColumn[],
  numbers: readonly PlotColumn[],
): LevelColumn | undefined => {
  const ranks = numbers.slice(0, MOST.columns).map(({ samples }) => ranksOf(samples));
  const fitting = categories.filter((column) => {
    const groups = groupsOf(column);
    const rare = groups.find(({ isRest }) => isRest)?.data.length ?? 0;
    return groups.length > 1 && 2 * rare <= column.data.length;
  });
  const shares = fitting.map((column) => {
    // Rare categories, which would explain much by chance, have no color of their own.
    const codes = thinned(codesOf(column), MOST.rows);
    return ranks.reduce((sum, each) => sum + explained(each, codes), 0);
  });
  return fitting[shares.indexOf(Math.max(...shares))];
};

/** Returns the index of the group of each draw, or -1 for a gap. */
const codesOf = (column: LevelColumn): readonly number[] => {
  const codes = Array.from(column.samples, () => -1);
  for (const [i, { samples }] of groupsOf(column).entries()) for (const row of samples) codes[row] = i;
  return codes;
};

/** Returns the part of the sum of squares of the ranks that the means of groups explain. */
const explained = (ranks: Float64Array, codes: readonly number[]): number => {
  const groups = new Map<number, { sum: number; count: number }>();
  for (const [i, rank] of ranks.entries()) {
    const { sum, count } = groups.get(codes[i]!) ?? { sum: 0, count: 0 };
    groups.set(codes[i]!, { sum: sum + rank, count: count + 1 });
  }
  return [...groups.values()].reduce((total, { sum, count }) => total + sum ** 2 / count, 0);
};
