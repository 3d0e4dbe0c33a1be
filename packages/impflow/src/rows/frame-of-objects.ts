import { frameOf, type Frame, type FrameOptions } from '@impflow/tables';
import type { AnyRow } from './rows.ts';
import { wrongRows } from './wrong-rows.ts';

/**
 * Converts an array of objects to a frame, like `frameOfRows` but synchronously. `source` is the name of the array in
 * messages. The options are the options of `frameOf`.
 *
 * @throws `input` for a value that is not an array of objects, for an empty array, and for a value that cannot be a
 * cell.
 */
export const frameOfObjects = (
  rows: readonly object[],
  source: string,
  options: Pick<FrameOptions, 'columns' | 'categories'> = {},
): Frame => {
  if (!Array.isArray(rows)) throw wrongRows(rows);
  return frameOf(rows as readonly AnyRow[], source, options);
};
