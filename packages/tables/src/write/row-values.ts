import { FlowError } from '@impflow/core';
import type { Frame } from '../frame/frame.ts';
import { shortened } from '../frame/printable.ts';

/**
 * Checks that each column of a frame has one cell for each row.
 *
 * @throws `shape` if a column has fewer or more cells.
 */
export const assertCells = (at: string, { columns, rows }: Frame): void => {
  const wrong = columns.find(({ numbers }) => numbers.length !== rows);
  if (wrong === undefined) return;
  throw new FlowError('shape', at, `Wrong number of cells in the column "${shortened(wrong.name)}"`, {
    expected: `${rows} rows`,
    got: `${wrong.numbers.length} cells`,
  });
};

/**
 * Returns the numbers of a frame, `[rows, columns]`, row-major. A missing cell becomes NaN.
 *
 * @throws `input` if a cell is text.
 */
export const rowValues = (at: string, frame: Frame): Float64Array => {
  const { columns, rows, source } = frame;
  const width = columns.length;
  const values = new Float64Array(rows * width);
  for (const [j, { name, numbers, texts }] of columns.entries()) {
    const row = texts?.findIndex((text) => text !== undefined) ?? -1;
    if (row >= 0)
      throw new FlowError('input', at, `Text in the column "${shortened(name)}" of ${source}, ${frame.place(row)}`, {
        expected: 'only numbers in a .npy',
        got: `"${shortened(texts![row]!)}"`,
        hint: 'Write .csv or .parquet.',
      });
    for (let i = 0; i < rows; i++) values[i * width + j] = numbers[i]!;
  }
  return values;
};
