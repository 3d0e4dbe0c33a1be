import { fold, type Key } from '@impflow/core';
import type { Values } from '../columns/values.ts';
import type { Approximation } from './approximation.ts';
import { completionsOf } from './completions.ts';

/**
 * Fills the gaps of each row by one draw from an approximation, given the other cells of the row. A filled category is
 * one of the spec's levels. A row stays as it is if a condition is missing that had no gaps in training. The filled
 * cells of a row depend on the key, its index and its cells.
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
