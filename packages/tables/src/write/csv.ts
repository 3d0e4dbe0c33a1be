import { cellsWith } from '../frame/cells.ts';
import { defused } from '../frame/formula-names.ts';
import type { Frame, FrameColumn } from '../frame/frame.ts';

/**
 * Returns a frame as CSV text with a header, commas between cells and a decimal point. Names and texts are protected
 * from being run as formulas by a spreadsheet; readers of frames remove the apostrophe. A number is written as in its
 * file, if this text is the same number when it is read with a decimal point. Other numbers have the fewest digits that
 * read back to the same float64, or to the same float32 if float32 holds the number. A missing cell is empty.
 *
 * @remarks A CSV does not distinguish texts from numbers. A text that a reader takes for a number or a gap becomes one
 * when it is read again, such as `1.234` from a file with decimal commas.
 */
export const toCsvFrame = (frame: Frame): string => csvHeader(frame.columns.map(({ name }) => name)) + csvRows(frame);

/** The line with the names of columns, of {@link toCsvFrame}. */
export const csvHeader = (names: readonly string[]): string =>
  `${filled(names.map((name) => quoted(defused(name))).join(','))}\n`;

/** The lines of the rows, of {@link toCsvFrame}. */
export const csvRows = ({ columns, rows }: Pick<Frame, 'columns' | 'rows'>): string => {
  const lines: string[] = [];
  for (let row = 0; row < rows; row++) {
    let line = '';
    for (let j = 0; j < columns.length; j++) {
      const cell = cellText(columns[j]!, row) ?? '';
      if (j > 0) line += ',';
      line += Number.isNaN(columns[j]!.numbers[row]) ? quoted(defused(cell)) : cell;
    }
    lines.push(filled(line));
  }
  return rows === 0 ? '' : `${lines.join('\n')}\n`;
};

/** Text of a cell of a frame, with a decimal point in numbers; undefined if it is missing. */
export const cellText = ({ numbers, texts, written }: FrameColumn, row: number): string | undefined => {
  const value = numbers[row]!;
  if (Number.isNaN(value)) return texts?.[row];
  const cell = written?.[row];
  return cell !== undefined && numberOf(cell) === value ? cell : exact(value);
};

const { numberOf } = cellsWith('.');

/** An empty cell of a one-column table must not become a blank line, which readers skip. */
const filled = (line: string): string => (line === '' ? '""' : line);

const quoted = (cell: string): string => (/[",;\t\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

/**
 * Text of a float64 number: all digits if it is whole or float32 would lose some, otherwise the digits of the float32.
 */
const exact = (value: number): string =>
  Math.fround(value) === value && !Number.isInteger(value) ? shortest(value) : String(value);

const shortest = (value: number): string => {
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return String(rounded);
  }
  return String(Number(value.toPrecision(9)));
};
