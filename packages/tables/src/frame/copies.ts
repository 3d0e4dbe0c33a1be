import { ATOM_SHARE, FEWEST_OF_ATOM } from './atoms.ts';
import type { Frame, FrameColumn } from './frame.ts';

/** If the fraction of rows that are copies is at most this number, the copies are considered coincidences. */
const COPIES_SHARE = 0.1;

/**
 * Returns the indices of the distinct rows in ascending order if more than a tenth of the rows are copies of other
 * rows. Returns `undefined` if fewer rows are copies. A random split of a table with copies would put copies of
 * training rows into the validation and test rows. Text is compared as it is written. All missing cells are equal.
 *
 * @remarks Rows may also be equal because their columns have few possible values. So the result is `undefined` in three
 * cases: for a frame with one column, for a frame that contains only whole numbers and text, and if each column has
 * fewer than half as many different values as there are distinct rows. All copies of an atom are kept. A row is an atom
 * if it occurs at least five times, in more than 2 % of the rows, and more than twice as often as the average distinct
 * row. The function needs memory for a map of the cells of a column, for an integer per cell, and, if each column
 * repeats values, for a string per row.
 */
export const distinctFrameRows = ({ rows, columns }: Frame): Uint32Array | undefined => {
  if (columns.length < 2 || columns.every(isWhole)) return undefined;
  let most = 0;
  // One code per row and column. Equal cells of a column have equal codes.
  const codes: Uint32Array[] = [];
  for (const { numbers, texts } of columns) {
    const different = new Map<number | string, number>();
    const codesOfColumn = new Uint32Array(rows);
    for (let row = 0; row < rows; row++) {
      const key = texts?.[row] ?? numbers[row]!;
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

/** Whether all numbers of a column are whole numbers. */
const isWhole = ({ numbers }: FrameColumn): boolean =>
  numbers.every((value) => Number.isNaN(value) || Number.isInteger(value));
