import { matters } from '../columns/gaps.ts';
import type { Layout } from '../columns/layout.ts';
import { medianOf } from '../columns/quantile.ts';
import type { Values } from '../columns/values.ts';

/**
 * Fills every gap that matters (see `gapsOf`) by the median of the column, or by its most frequent category. The
 * medians and categories come from the rows `reference`. A column without values in these rows stays as it is.
 */
export const filledByMedian = (values: Values, layout: Layout, reference: Values = values): Values => ({
  ...values,
  columns: values.columns.map((column, j) => {
    if (!matters(layout, j) || !column.some(Number.isNaN)) return column;
    const present = reference.columns[j]!.filter((value) => !Number.isNaN(value)).sort();
    const spec = layout.columns[j]!;
    // The code of unseen categories is never filled in.
    const fill =
      spec.kind === 'category' ? mode(present.filter((code) => code < spec.levels.length)) : medianOf(present);
    return column.map((value) => (Number.isNaN(value) ? fill : value));
  }),
});

/** Returns the most frequent of sorted values, or NaN if there are none. */
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
