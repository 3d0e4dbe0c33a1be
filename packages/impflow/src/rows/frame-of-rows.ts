import { frameOfColumns, isFrame, type Frame } from '@impflow/tables';
import { readFile } from '#node-files';
import { addressOf } from './address.ts';
import { arrowLists, isArrow } from './arrow.ts';
import { columnLists } from './column-lists.ts';
import { frameOfAddress, frameOfBlob, type FileOptions } from './files.ts';
import { frameOfObjects } from './frame-of-objects.ts';
import { isBlob, hasRows, rowList } from './row-list.ts';
import type { AnyRow, RowOf, Rows } from './rows.ts';
import { wrongRows } from './wrong-rows.ts';

/** Options of {@link frameOfRows}. `header`, `separator` and `decimal` have an effect only on CSV and TSV files. */
export interface RowsOptions extends FileOptions {
  /** Name for messages, if the rows do not come from a file. Default: `the rows`. */
  readonly source?: string;
  /** Signal that ends the transfer of a file from an address when it is aborted. Default: none. */
  readonly signal?: AbortSignal;
}

/**
 * Reads rows of any form (such as a path, objects, columns or an Arrow table) into a frame. A frame stores numbers,
 * strings and gaps (empty cells). Booleans become the strings `true` and `false`, and dates become ISO strings in UTC.
 * Equal rows give equal cells, in whichever form they are given. If the rows are objects, columns or an Arrow table,
 * each column also keeps the type of its cells: see `columnTypes`.
 *
 * @remarks The frame keeps all rows in memory, with 8 bytes per number. Chunks are collected before they are read.
 * @throws `input` for a value that is not a table, a table without rows, columns of different lengths, a value that
 * cannot be a cell, and a file that cannot be read; `unsupported` in a page, for files of Parquet and NumPy; the
 * reason of an aborted `signal`.
 */
export const frameOfRows = async <Row extends RowOf<Row> = AnyRow>(
  rows: Rows<Row>,
  options: RowsOptions = {},
): Promise<Frame> => {
  const { source = 'the rows', signal, ...file } = options;
  const { categories = [] } = file;
  if (typeof rows === 'string' || rows instanceof URL) {
    const address = addressOf(rows);
    return address === undefined ? readFile(rows, file) : frameOfAddress(address, file, signal);
  }
  if (isBlob(rows)) return frameOfBlob(rows, source, file);
  if (typeof rows !== 'object' || rows === null || ArrayBuffer.isView(rows)) throw wrongRows(rows);
  if (isFrame(rows)) return rows;
  if (isArrow(rows)) return frameOfColumns(arrowLists(rows), source, { categories });
  if (hasRows(rows)) return frameOfObjects(await rowList(rows), source, { categories });
  return frameOfColumns(columnLists(rows as Readonly<Record<string, unknown>>), source, { categories });
};
