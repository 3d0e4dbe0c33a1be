import { checkedTable, type CheckOptions } from '../read/check.ts';
import type { RawColumn } from '../read/raw.ts';
import type { Frame, FrameColumn } from './frame.ts';
import type { Table } from './table.ts';

/**
 * Returns a frame of numbers as a table: the inverse of `frameOfTable`. Columns, rows, missing cells and offsets are
 * treated as by `readTable`.
 *
 * @throws `input` for a text or a gap in a column that is read, and as `readTable` does.
 */
export const tableOfFrame = (frame: Frame, options: CheckOptions = {}): Table => {
  const { columns, rows, remarks, source } = frame;
  return checkedTable(
    {
      columns: columns.map(rawColumn),
      rows,
      ...(remarks === undefined ? {} : { remarks }),
      place: (row) => frame.place(row),
    },
    source,
    options,
  );
};

const rawColumn = ({ name, numbers, texts = [] }: FrameColumn): RawColumn => {
  const row = texts.findIndex((text) => text !== undefined);
  return { name, values: numbers, ...(row < 0 ? {} : { text: { row, cell: texts[row]! } }) };
};
