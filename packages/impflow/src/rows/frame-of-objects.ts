import { frameOf, type Frame, type FrameOptions } from '@impflow/tables';
import type { AnyRow } from './rows.ts';
import { wrongRows } from './wrong-rows.ts';

/**
 * Reads an array of objects as cells, as `frameOfRows` does, but synchronously. Messages call the array `source`. It
 * takes the options of `frameOf`.
 *
 * @throws `input` for anything but an array of objects, for an empty array, and for a value that cannot be a cell.
 */
export const frameOfObjects = (
  rows: readonly object[],
  source: string,
  options: Pick<FrameOptions, 'columns' | 'categories'> = {},
): Frame => {
  if (!Array.isArray(rows)) throw wrongRows(rows);
  return frameOf(rows as readonly AnyRow[], source, options);
};
