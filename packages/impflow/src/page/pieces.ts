import { frameOfColumns, isFrame, type CellList, type Frame } from '@impflow/tables';
import { addressOf } from '../rows/address.ts';
import { arrowLists, isArrow } from '../rows/arrow.ts';
import { columnLists } from '../rows/column-lists.ts';
import { frameOfObjects } from '../rows/frame-of-objects.ts';
import { isBlob, hasRows, rowList } from '../rows/row-list.ts';
import type { AnyRow, Rows } from '../rows/rows.ts';
import { isRow, wrongRows } from '../rows/wrong-rows.ts';

/**
 * A piece of a table, as a message to a worker. A table that is given as a URL, a file or a {@link Frame} is sent as
 * one piece. Rows and columns are split into pieces.
 */
export type Piece =
  | { readonly form: 'address'; readonly address: string }
  | { readonly form: 'file'; readonly file: Blob }
  | { readonly form: 'frame'; readonly frame: Omit<Frame, 'place'> }
  | { readonly form: 'rows'; readonly rows: readonly AnyRow[] }
  | { readonly form: 'cells'; readonly column: number; readonly name: string; readonly cells: ArrayLike<unknown> };

/** Largest number of cells of a piece. Copying a piece of this size takes a few milliseconds. */
const CELLS = 20_000;

/**
 * Splits a table into pieces that are small enough to be copied without blocking the page.
 *
 * @throws `input` for a value that is not a table.
 */
export async function* piecesOf(rows: Rows<AnyRow>): AsyncGenerator<Piece> {
  if (typeof rows === 'string' || rows instanceof URL)
    yield { form: 'address', address: addressOf(rows)?.href ?? String(rows) };
  else if (isBlob(rows)) yield { form: 'file', file: rows };
  else if (typeof rows !== 'object' || rows === null || ArrayBuffer.isView(rows)) throw wrongRows(rows);
  else if (isFrame(rows)) {
    const { place: _place, ...frame } = rows;
    yield { form: 'frame', frame };
  } else if (isArrow(rows)) yield* cellPieces(arrowLists(rows));
  else if (hasRows(rows)) yield* rowPieces(await rowList(rows));
  else yield* cellPieces(columnLists(rows as Readonly<Record<string, unknown>>));
}

function* cellPieces(lists: readonly CellList[]): Generator<Piece> {
  for (const [column, { name, length, cell }] of lists.entries())
    for (let at = 0; at < Math.max(1, length); at += CELLS) {
      const cells = Array.from({ length: Math.min(CELLS, length - at) }, (_, i) => cell(at + i));
      yield { form: 'cells', column, name, cells };
    }
}

/** Copies rows to plain objects, because a message to a worker cannot contain classes or proxies. */
function* rowPieces(rows: readonly AnyRow[]): Generator<Piece> {
  const width = Math.max(1, ...rows.slice(0, 1).map((row) => (isRow(row) ? Object.keys(row).length : 1)));
  const step = Math.max(1, Math.floor(CELLS / width));
  if (rows.length === 0) yield { form: 'rows', rows };
  for (let at = 0; at < rows.length; at += step)
    yield { form: 'rows', rows: rows.slice(at, at + step).map((row) => (isRow(row) ? { ...row } : row)) };
}

/**
 * Returns the error for a piece of a table that cannot be copied to a worker, for example because a cell is a function.
 */
export const uncopied = (piece: Piece, cause: unknown): unknown => {
  try {
    if (piece.form === 'rows') frameOfObjects(piece.rows, 'the rows');
    if (piece.form === 'cells') {
      const { name, cells } = piece;
      frameOfColumns([{ name, length: cells.length, cell: (row) => cells[row] }], 'the rows');
    }
  } catch (error) {
    return error;
  }
  return cause;
};
