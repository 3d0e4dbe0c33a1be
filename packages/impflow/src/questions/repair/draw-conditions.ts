import { uniforms, type Key } from '@impflow/core';
import { frameOfValues, type ColumnSpec } from '@impflow/tables';
import { rowsOfFrame, type ColumnTypes } from '../../rows/rows-of-frame.ts';
import type { Cell } from '../../rows/rows.ts';

/**
 * Draws values of a condition: each category, and each number of the range of the training rows, with equal
 * probability. The model does not know how conditions are distributed.
 */
export const drawConditions = (column: ColumnSpec, count: number, key: Key, types: ColumnTypes): readonly Cell[] => {
  const shares = uniforms(key, count);
  const values = shares.map((u) => valueAt(column, u));
  const frame = frameOfValues({ rows: count, columns: [values], remarks: [] }, [column], 'conditions');
  return rowsOfFrame(frame, types).map((row) => row[column.name]);
};

const valueAt = (column: ColumnSpec, u: number): number => {
  if (column.kind === 'category') return Math.floor(u * column.levels.length);
  const { period, cut = 0, range, whole, mean = 0, scale = 1, offset = 0 } = column;
  const [low, high] = period !== undefined ? [cut, cut + period] : (range ?? [mean - 2 * scale, mean + 2 * scale]);
  const value = low + u * (high - low);
  // Dates are whole days or seconds.
  return whole === true || column.date !== undefined ? Math.round(value + offset) - offset : value;
};
