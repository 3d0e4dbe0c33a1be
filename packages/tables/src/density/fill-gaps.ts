import { matters } from '../columns/gaps.ts';
import type { Layout } from '../columns/layout.ts';
import { medianOf } from '../columns/quantile.ts';
import type { Values } from '../columns/values.ts';

/**
 * Fills the missing cells that make a row unusable for training (see `gapsOf`). A missing number is replaced by the
 * median of its column, and a missing category by the most frequent category. Medians and frequencies are computed from
 * the rows in `reference`. If a column has no values in `reference`, its missing cells stay missing.
 */
export const filledByMedian = (values: Values, layout: Layout, reference: Values = values): Values => ({
  ...values,
  columns: values.columns.map((column, j) => {
    if (!matters(layout, j) || !column.some(Number.isNaN)) return column;
    const present = reference.columns[j]!.filter((value) => !Number.isNaN(value)).sort();
    const spec = layout.columns[j]!;
    // A missing cell is never filled with the code of unseen categories.
    const fill =
      spec.kind === 'category' ? mode(present.filter((code) => code < spec.levels.length)) : medianOf(present);
    return column.map((value) => (Number.isNaN(value) ? fill : value));
  }),
});

/** Returns the most frequent value of a sorted list, or NaN for an empty list. */
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
