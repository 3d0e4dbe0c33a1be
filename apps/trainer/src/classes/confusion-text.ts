import { number } from 'impflow/run';
import { table } from '../terminal/table.ts';

/** Most classes for which the whole table is shown. */
const WHOLE = 12;
const WORST = 10;

/**
 * How often images of one class were classified as another: the whole table, or the ten most frequent mistakes if there
 * are many classes.
 */
export const confusionText = (counts: readonly (readonly number[])[], classes: readonly string[]): string => {
  if (classes.length <= WHOLE) {
    return table({ head: ['true class, taken for', ...classes], rows: counts.map((row, i) => [classes[i]!, ...row]) });
  }
  const mistakes = counts
    .flatMap((row, i) => row.flatMap((count, j) => (i === j || count === 0 ? [] : [{ i, j, count }])))
    .toSorted((a, b) => b.count - a.count)
    .slice(0, WORST);
  if (mistakes.length === 0) return 'No mistakes.';
  return table({
    head: ['true class', 'taken for', 'images'],
    rows: mistakes.map(({ i, j, count }) => [classes[i]!, classes[j]!, number(count)]),
  });
};
