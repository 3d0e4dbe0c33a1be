import { ATOM_SHARE, FEWEST_OF_ATOM } from './columns.ts';
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
 * kept with all its copies. Costs a set of the values of a column, and strings of the rows if each column repeats.
 */
export const distinctRows = ({ rows, columns, values }: Table): Uint32Array | undefined => {
  const width = columns.length;
  if (width < 2 || values.every(Number.isInteger)) return undefined;
  let most = 0;
  for (let j = 0; j < width; j++) {
    const different = new Set<number>();
    for (let row = 0; row < rows; row++) different.add(values[row * width + j]!);
    if (different.size > (1 - COPIES_SHARE) * rows) return undefined;
    most = Math.max(most, different.size);
  }
  const counts = new Map<string, number>();
  const bits = new Uint16Array(values.slice().buffer);
  const texts = Array.from({ length: rows }, (_, row) =>
    String.fromCharCode(...bits.subarray(2 * width * row, 2 * width * (row + 1))),
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
