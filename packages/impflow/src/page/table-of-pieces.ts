import { frameOfColumns, type CellList } from '@impflow/tables';
import type { AnyRow, Rows } from '../rows/rows.ts';
import type { Piece } from './pieces.ts';

type Cells = Extract<Piece, { readonly form: 'cells' }>;

/** The table of which these are the pieces, in order. */
export const tableOfPieces = (pieces: readonly Piece[]): Rows<AnyRow> => {
  const [first] = pieces;
  switch (first?.form) {
    case 'address':
      return first.address;
    case 'file':
      return first.file;
    case 'frame':
      return { ...first.frame, place: (row) => `row ${row + 1}` };
    case 'cells':
      return frameOfColumns(listsOf(pieces as readonly Cells[]), 'the rows');
    default:
      return pieces.flatMap((piece) => (piece as Extract<Piece, { readonly form: 'rows' }>).rows);
  }
};

const listsOf = (pieces: readonly Cells[]): readonly CellList[] => {
  const columns: { readonly name: string; readonly cells: unknown[] }[] = [];
  for (const { column, name, cells } of pieces) {
    columns[column] ??= { name, cells: [] };
    for (const cell of Array.from(cells)) columns[column].cells.push(cell);
  }
  return columns.map(({ name, cells }) => ({ name, length: cells.length, cell: (row) => cells[row] }));
};
