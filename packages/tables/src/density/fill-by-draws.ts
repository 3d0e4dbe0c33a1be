import { fold, type Key } from '@impflow/core';
import type { Values } from '../columns/values.ts';
import type { Approximation } from './approximation.ts';
import { completionsOf } from './completions.ts';

/**
 * Fills the missing cells of each row by one draw from an approximation of their distribution given the known cells.
 * Only categories that training saw are drawn. A row is returned unchanged if a condition is missing that was never
 * missing in training. The drawn cells of a row depend only on the key, the index of the row, and its known cells.
 */
export const filledByDraws = (approximation: Approximation, values: Values, key: Key): Values => {
  const columns = values.columns.map((column) => column.slice());
  for (let row = 0; row < values.rows; row++) {
    const found = completionsOf(approximation, values, row, {
      draws: 1,
      key: fold(key, row),
      enumerate: false,
      wide: false,
      unseen: false,
    });
    if (found !== undefined) columns.forEach((column, j) => (column[row] = found.values.columns[j]![0]!));
  }
  return { ...values, columns };
};
