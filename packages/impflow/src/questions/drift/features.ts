import type { View } from './views.ts';

/** A number of each row, whose distribution a test compares between two tables. */
export interface Feature {
  /** What a shift of the feature means. */
  readonly kind: 'log-density' | 'value' | 'spread' | 'category' | 'gaps' | 'relation';
  /** Indices of the columns: none for the log-density, two for a relation. */
  readonly columns: readonly number[];
  /** Code of the category. Only for the kind `category`. */
  readonly level?: number;
  /** The numbers `[rows]`. NaN for a row that lacks the feature. */
  readonly values: Float64Array;
}

/** Largest number of products of two columns. */
const MOST_PAIRS = 2000;
/** Number of categories of a column that are multiplied with other columns, the most frequent first. */
const PAIRED_LEVELS = 4;

/**
 * Returns the features of rows from their views: each number, its square, each category, gaps, and the products of two
 * columns. A product shifts if the relation of the columns changes. If there are too many products, the pairs with the
 * largest sums of products over all rows are used. This choice does not depend on which rows are new.
 */
export const featuresOf = (views: readonly View[]): readonly Feature[] => [
  ...views.flatMap(({ column, kind, level, values }): Feature[] =>
    kind === 'number'
      ? [
          { kind: 'value', columns: [column], values },
          { kind: 'spread', columns: [column], values: values.map((u) => u * u) },
        ]
      : kind === 'gap'
        ? [{ kind: 'gaps', columns: [column], values }]
        : [{ kind: 'category', columns: [column], level: level!, values }],
  ),
  ...productsOf(pairable(views)),
];

/** Returns the views that are multiplied with each other: numbers, and the most frequent categories. */
export const pairable = (views: readonly View[]): readonly View[] =>
  views.filter(
    ({ kind, column }, i) =>
      kind === 'number' ||
      (kind === 'category' && i - views.findIndex((other) => other.column === column) < PAIRED_LEVELS),
  );

const productsOf = (views: readonly View[]): readonly Feature[] => {
  const pairs = views.flatMap((a, i) => views.slice(i + 1).flatMap((b) => (a.column === b.column ? [] : [{ a, b }])));
  const chosen =
    pairs.length <= MOST_PAIRS
      ? pairs
      : pairs
          .map((pair) => ({ ...pair, size: Math.abs(sumOf(productOf(pair.a.values, pair.b.values))) }))
          .sort((one, other) => other.size - one.size)
          .slice(0, MOST_PAIRS);
  return chosen.map(({ a, b }) => ({
    kind: 'relation',
    columns: [a.column, b.column],
    values: productOf(a.values, b.values),
  }));
};

const productOf = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value * b[i]!);

const sumOf = (values: Float64Array): number =>
  values.reduce((sum, value) => (Number.isNaN(value) ? sum : sum + value), 0);
