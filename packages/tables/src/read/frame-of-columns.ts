import { FlowError } from '@impflow/core';
import type { Frame } from '../frame/frame.ts';
import { shown } from '../frame/printable.ts';
import { cellColumn, noCell } from './cell-column.ts';
import { checkedFrame } from './frame-columns.ts';
import type { FrameOptions } from './options.ts';
import type { RawColumn } from './raw.ts';

/** A column of JavaScript values. */
export interface CellList {
  /** Name of the column. */
  readonly name: string;
  /** Number of rows. */
  readonly length: number;
  /** Returns the value of a row, counted from 0. */
  cell(row: number): unknown;
}

/**
 * Converts columns of values to a frame. Values are read as in {@link frameOf}. `source` is the name of the columns in
 * messages.
 *
 * @throws `input` for no columns, no rows, two columns of one name, columns of different lengths, and a nested value.
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
      expected: `${rows} cells in each column, as in "${shown(lists[0]!.name)}"`,
      got: `${other.length} in "${shown(other.name)}"`,
      hint: 'Give each column one cell a row, null for a gap.',
    });
  const place = (row: number): string => `row ${row + 1}`;
  const columnOf = ({ name, cell }: CellList): RawColumn => {
    const column = cellColumn(name, rows);
    for (let row = 0; row < rows; row++) {
      const value = cell(row);
      if (!column.put(row, value)) throw noCell(AT, `the column "${shown(name)}" of ${source}, ${place(row)}`, value);
    }
    return column.raw();
  };
  return checkedFrame(AT, { rows, columns: lists.map(columnOf), place }, source, options);
};

const AT = 'tables/frameOfColumns';
