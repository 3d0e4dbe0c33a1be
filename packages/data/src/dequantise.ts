import { fold, uniforms, type Key } from '@impflow/core';
import { columnIndices, type Table } from './table.ts';

/**
 * A copy with U(0, 1) added to these columns of whole numbers, which gives them a density. A column draws the same
 * numbers whichever others are named.
 *
 * @remarks The expected log-density of the noisy column is a lower bound of the log-probability of the whole numbers.
 * @throws `input` for a name that is not there.
 * @see Theis, van den Oord, Bethge, A note on the evaluation of generative models, ICLR 2016, arXiv:1511.01844, section 3.1.
 */
export const dequantise = (table: Table, columns: readonly string[], key: Key): Table => {
  if (columns.length === 0) return table;
  const values = table.values.slice();
  const width = table.columns.length;
  for (const j of columnIndices('data/dequantise', table, columns)) {
    const noise = uniforms(fold(key, j), table.rows);
    for (let row = 0; row < table.rows; row++) values[row * width + j]! += noise[row]!;
  }
  return { ...table, values };
};
