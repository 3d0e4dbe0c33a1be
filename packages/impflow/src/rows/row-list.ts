import type { AnyRow, RowList } from './rows.ts';
import { isRow, wrongChunk } from './wrong-rows.ts';

/** Rows as objects: an array of rows, or arrays of rows (chunks) from an iterable or an async iterable. */
type InRows = readonly unknown[] | AsyncIterable<unknown> | Iterable<unknown>;

/** Returns whether a table is a list of rows and not an object of columns. */
export const hasRows = (table: object): table is InRows =>
  Array.isArray(table) || Symbol.asyncIterator in table || Symbol.iterator in table;

/**
 * Collects all rows of a table that is given as rows or as chunks of rows.
 *
 * @throws `input` for a chunk that is not an array.
 */
export const rowList = async (rows: InRows): Promise<readonly AnyRow[]> => {
  if (!Array.isArray(rows)) return gathered(rows as AsyncIterable<RowList<AnyRow>>);
  return (isChunks(rows) ? rows.flat() : rows) as readonly AnyRow[];
};

/** Returns whether the elements of a list are chunks (arrays of rows) and not rows. */
const isChunks = (rows: readonly unknown[]): rows is readonly (readonly AnyRow[])[] => {
  const first = rows.find((chunk) => !Array.isArray(chunk) || chunk.length > 0);
  return Array.isArray(first) && isRow(first[0]);
};

const gathered = async <Row>(chunks: AsyncIterable<RowList<Row>>): Promise<Row[]> => {
  const rows: Row[] = [];
  for await (const chunk of chunks) {
    if (!Array.isArray(chunk)) throw wrongChunk(chunk);
    for (const row of chunk as readonly Row[]) rows.push(row);
  }
  return rows;
};

/** Returns whether a value is a `Blob`. The `Blob` may come from another realm, such as an iframe. */
export const isBlob = (value: unknown): value is Blob =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Partial<Blob>).arrayBuffer === 'function' &&
  typeof (value as Partial<Blob>).size === 'number';
