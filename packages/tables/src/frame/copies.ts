import { ATOM_SHARE, FEWEST_OF_ATOM } from '../columns/columns.ts';
import type { Frame } from './frame.ts';
import type { Table } from './table.ts';

/** Copies up to this share of the rows count as chance. */
export const COPIES_SHARE = 0.1;

/**
 * Returns the indices of the different rows, ascending, if more than a tenth of the rows are copies of others;
 * otherwise `undefined`. A random split of all rows would put copies of training rows into the other parts, and the
 * columns would seem to repeat.
 *
 * @remarks Rows that coincide by the nature of their columns are not copies. So the result is `undefined` for a table
 * of one column or of whole numbers only, and if no column has at least half as many different values as there are
 * different rows. An atom, a row that has more than {@link ATOM_SHARE} of the rows and more than twice the mean, is
 * kept with all its copies. Costs a map of the values of a column, a whole number per cell, and
 * strings of the rows if each column repeats.
 */
export const distinctRows = ({ rows, columns, values }: Table): Uint32Array | undefined => {
  const width = columns.length;
  return distinct({
    rows,
    width,
    isWhole: () => values.every(Number.isInteger),
    cell: (row, column) => values[row * width + column]!,
  });
};

/**
 * Returns the indices of the different rows of a frame, as {@link distinctRows} does for a table. Two texts are equal as
 * they are written; gaps are equal.
 *
 * @remarks A column of texts counts as one of whole numbers: rows of categories and counts coincide by their nature.
 */
export const distinctFrameRows = ({ rows, columns }: Frame): Uint32Array | undefined =>
  distinct({
    rows,
    width: columns.length,
    isWhole: () =>
      columns.every(({ numbers }) => numbers.every((value) => Number.isNaN(value) || Number.isInteger(value))),
    cell: (row, column) => columns[column]!.texts?.[row] ?? columns[column]!.numbers[row]!,
  });

/** Cells by row and column. Missing ones are NaN. */
interface Cells {
  readonly rows: number;
  readonly width: number;
  /** Whether all cells are whole numbers, or texts. */
  isWhole(): boolean;
  cell(row: number, column: number): number | string;
}

const distinct = ({ rows, width, isWhole, cell }: Cells): Uint32Array | undefined => {
  if (width < 2 || isWhole()) return undefined;
  let most = 0;
  // One code per row and column: equal cells of a column have equal codes.
  const codes: Uint32Array[] = [];
  for (let j = 0; j < width; j++) {
    const different = new Map<number | string, number>();
    const codesOfColumn = new Uint32Array(rows);
    for (let row = 0; row < rows; row++) {
      const key = cell(row, j);
      const code = different.get(key) ?? different.size;
      if (code === different.size) different.set(key, code);
      codesOfColumn[row] = code;
    }
    codes.push(codesOfColumn);
    if (different.size > (1 - COPIES_SHARE) * rows) return undefined;
    most = Math.max(most, different.size);
  }
  const counts = new Map<string, number>();
  const texts = Array.from({ length: rows }, (_, row) =>
    String.fromCharCode(...codes.flatMap((column) => [column[row]! & 0xffff, column[row]! >>> 16])),
  );
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  if (most < counts.size / 2) return undefined;
  const atom = Math.max(FEWEST_OF_ATOM - 1, ATOM_SHARE * rows, (2 * rows) / counts.size);
  const seen = new Set<string>();
  const kept = Uint32Array.from(texts.keys()).filter(
    (row) => counts.get(texts[row]!)! > atom || seen.size < seen.add(texts[row]!).size,
  );
  return rows - kept.length > COPIES_SHARE * rows ? kept : undefined;
};
