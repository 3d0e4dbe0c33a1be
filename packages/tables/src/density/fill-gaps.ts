import type { Layout } from '../columns/layout.ts';
import { medianOf } from '../columns/quantile.ts';
import type { Values } from '../columns/values.ts';

/** Indices of the rows without a gap that matters: in a target, a category, or a condition that may not be missing. */
export const completeRows = (values: Values, layout: Layout): Uint32Array =>
  Uint32Array.from(
    Array.from({ length: values.rows }, (_, row) => row).filter((row) => gapsOf(values, layout, row).length === 0),
  );

/** Indices of the columns in which a row has a gap that matters. */
export const gapsOf = ({ columns }: Values, layout: Layout, row: number): readonly number[] =>
  columns.flatMap((column, j) => (Number.isNaN(column[row]) && matters(layout, j) ? [j] : []));

const matters = ({ columns }: Layout, j: number): boolean => {
  const column = columns[j]!;
  return !(column.kind === 'number' && column.given === true && column.fill !== undefined);
};

/**
 * The values with every gap that matters filled by the median of the column, or its most frequent category. `usual`
 * are the rows that these are taken from. A column that is empty there stays as it is.
 */
export const filledByMedian = (values: Values, layout: Layout, usual: Values = values): Values => ({
  ...values,
  columns: values.columns.map((column, j) => {
    if (!matters(layout, j) || !column.some(Number.isNaN)) return column;
    const present = usual.columns[j]!.filter((value) => !Number.isNaN(value)).sort();
    const spec = layout.columns[j]!;
    // The code of unseen categories is no category to fill in.
    const fill =
      spec.kind === 'category' ? mode(present.filter((code) => code < spec.levels.length)) : medianOf(present);
    return column.map((value) => (Number.isNaN(value) ? fill : value));
  }),
});

/** The most frequent of sorted values. NaN for none. */
const mode = (sorted: Float64Array): number => {
  let [best, most] = [NaN, 0];
  for (let first = 0; first < sorted.length;) {
    let last = first;
    while (last < sorted.length && sorted[last] === sorted[first]) last++;
    if (last - first > most) [best, most] = [sorted[first]!, last - first];
    first = last;
  }
  return best;
};

/** Rows of values, by their indices. */
export const pickValues = (values: Values, rows: Uint32Array): Values => ({
  ...values,
  rows: rows.length,
  columns: values.columns.map((column) => Float64Array.from(rows, (row) => column[row]!)),
});
