import { ATOM_SHARE, FEWEST_OF_ATOM } from './columns.ts';
import type { Table } from './table.ts';

/** With fewer copies than this share of the rows, they count as chance. */
export const COPIES_SHARE = 0.1;

/**
 * The indices of the different rows, ascending, of a table of which more than a tenth of the rows are copies of others; `undefined` for other tables. A random
 * split of the rows of such a table would put copies of training rows among those that are held out, and its columns would seem to repeat.
 *
 * @remarks Rows that coincide by the nature of their columns are no copies: a table of one column, or of whole numbers alone, has none; nor has one
 * whose columns have fewer than half as many different values as there are different rows. A row that is an atom, more frequent than
 * {@link ATOM_SHARE} and than twice the mean, stays as often as it is. Costs a set of the values of a column, and strings of the rows where each
 * column repeats.
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
  const texts = Array.from({ length: rows }, (_, row) => String.fromCharCode(...bits.subarray(2 * width * row, 2 * width * (row + 1))));
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  if (most < counts.size / 2) return undefined;
  const atom = Math.max(FEWEST_OF_ATOM - 1, ATOM_SHARE * rows, 2 * rows / counts.size);
  const seen = new Set<string>();
  const kept = Uint32Array.from(texts.keys()).filter((row) => counts.get(texts[row]!)! > atom || seen.size < seen.add(texts[row]!).size);
  return rows - kept.length > COPIES_SHARE * rows ? kept : undefined;
};
