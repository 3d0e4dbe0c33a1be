import { type FrameColumn, cellOf, type ColumnSpec } from '@impflow/tables';

/** A cell of a row: a number, a string, or a gap. */
export type RecordCell = string | number | undefined;

/**
 * Converts a value that the model reads to a cell: see `cellOf`. A float32 number becomes its shortest decimal, such as
 * 0.2 instead of 0.200000003.
 */
export const cellOfValue = (value: number, spec: ColumnSpec): RecordCell => {
  const cell = cellOf(value, spec);
  return typeof cell === 'number' && Math.fround(cell) === cell && !Number.isInteger(cell)
    ? Number(cell.toPrecision(7))
    : cell;
};

/** String values that readers of tables parse as a number. */
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/**
 * Makes a column of a frame from cells. For a category such as `007`, the column contains the number 7, and `written`
 * contains the text.
 */
export const columnOfCells = (name: string, cells: readonly RecordCell[]): FrameColumn => {
  const isText = (cell: RecordCell): cell is string => typeof cell === 'string' && !NUMBER.test(cell);
  const numbers = Float64Array.from(cells, (cell) => (cell === undefined || isText(cell) ? NaN : Number(cell)));
  if (!cells.some((cell) => typeof cell === 'string')) return { name, numbers };
  const written = cells.map((cell) => (cell === undefined ? undefined : String(cell)));
  const texts = cells.map((cell) => (isText(cell) ? cell : undefined));
  return { name, numbers, written, ...(texts.some((text) => text !== undefined) ? { texts } : {}) };
};

/** Returns a cell of a column as a string or a number; undefined for a gap. */
export const cellAt = ({ numbers, texts, written }: FrameColumn, row: number): RecordCell => {
  const number = numbers[row]!;
  if (Number.isNaN(number)) return texts?.[row];
  // The original text is returned, because it keeps the leading zeros of zip codes and all digits of long identifiers.
  return written?.[row] ?? number;
};
