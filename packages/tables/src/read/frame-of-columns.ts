import { FlowError } from '@impflow/core';
import type { Frame } from '../frame/frame.ts';
import { shortened } from '../frame/printable.ts';
import { cellColumn, noCell } from './cell-column.ts';
import { checkedFrame } from './frame-columns.ts';
import type { FrameOptions } from './options.ts';
import type { RawColumn } from './raw.ts';

/** A column of JavaScript values, from which `frameOfColumns` makes a column of a frame. */
export interface CellList {
  /** Name of the column. */
  readonly name: string;
  /** Number of rows. */
  readonly length: number;
  /** Returns the value in a row. `row` is counted from 0. */
  cell(row: number): unknown;
}

/**
 * Converts columns of JavaScript values to a frame. Values are converted to cells as in {@link frameOf}. `source` is
 * the name of the table, for error messages.
 *
 * @throws `input` for a table without columns or rows, two columns with the same name, columns of different lengths,
 * and an object or an array as a value.
 */
export const frameOfColumns = (
  lists: readonly CellList[],
  source: string,
  options: Pick<FrameOptions, 'categories'> = {},
): Frame => {
  const rows = lists[0]?.length ?? 0;
  const other = lists.find(({ length }) => length !== rows);
  if (other !== undefined)
    throw new FlowError('input', AT, `Columns of different lengths in ${source}`, {
      expected: `${rows} cells in each column, as in "${shortened(lists[0]!.name)}"`,
      got: `${other.length} in "${shortened(other.name)}"`,
      hint: 'Give each column one cell per row. Use null for a missing cell.',
    });
  const place = (row: number): string => `row ${row + 1}`;
  const columnOf = ({ name, cell }: CellList): RawColumn => {
    const column = cellColumn(name, rows);
    for (let row = 0; row < rows; row++) {
      const value = cell(row);
      if (!column.put(row, value))
        throw noCell(AT, `the column "${shortened(name)}" of ${source}, ${place(row)}`, value);
    }
    return column.raw();
  };
  return checkedFrame(AT, { rows, columns: lists.map(columnOf), place }, source, options);
};

const AT = 'tables/frameOfColumns';
