import { frameOf, type Frame } from '@impflow/tables';
import type { AnyRow } from './rows.ts';
import { wrongRows } from './wrong-rows.ts';

/**
 * Reads an array of objects as cells, as `frameOfRows` does, but synchronously. Messages call the array `source`.
 *
 * @throws `input` for anything but an array of objects, for an empty array, and for a value that cannot be a cell.
 */
export const frameOfObjects = (rows: readonly object[], source: string): Frame => {
  if (!Array.isArray(rows)) throw wrongRows(rows);
  return frameOf(rows as readonly AnyRow[], source);
};
