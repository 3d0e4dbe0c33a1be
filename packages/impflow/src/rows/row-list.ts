import type { AnyRow, RowList } from './rows.ts';
import { isRow, wrongChunk } from './wrong-rows.ts';

/** Rows as objects: an array of rows, or arrays of rows (chunks) from an iterable or an async iterable. */
type InRows = readonly unknown[] | AsyncIterable<unknown> | Iterable<unknown>;

/** Whether a table consists of rows, not of columns. */
export const hasRows = (table: object): table is InRows =>
  Array.isArray(table) || Symbol.asyncIterator in table || Symbol.iterator in table;

/**
 * Returns all rows of a table that consists of rows.
 *
 * @throws `input` for a chunk that is not an array.
 */
export const rowList = async (rows: InRows): Promise<readonly AnyRow[]> => {
  if (!Array.isArray(rows)) return gathered(rows as AsyncIterable<RowList<AnyRow>>);
  return (isChunks(rows) ? rows.flat() : rows) as readonly AnyRow[];
};

/** Whether the elements are arrays of rows, not rows. */
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

/** Whether a value is a `Blob`, including a `Blob` of another realm. */
export const isBlob = (value: unknown): value is Blob =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Partial<Blob>).arrayBuffer === 'function' &&
  typeof (value as Partial<Blob>).size === 'number';
