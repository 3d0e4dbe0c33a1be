import { cellsWith } from '../frame/cells.ts';
import { defused } from '../frame/formula-names.ts';
import type { Frame, FrameColumn } from '../frame/frame.ts';

/**
 * Returns a frame as CSV text with a header, commas between cells and a decimal point. An apostrophe is put before
 * names and texts that a spreadsheet would run as formulas; readers of frames remove it. A number is written as in its
 * source file if this text, read with a decimal point, gives the same number. Other numbers are written with the fewest
 * digits that give the same float64 when they are read, or the same float32 if float32 holds the number. A missing cell
 * is empty.
 *
 * @remarks A CSV does not distinguish texts from numbers. If a reader takes a text for a number or a gap, the text
 * becomes a number or a gap when it is read again. An example is the text `1.234` from a file with decimal commas.
 */
export const toCsvFrame = (frame: Frame): string => csvHeader(frame.columns.map(({ name }) => name)) + csvRows(frame);

/** Returns the header line of {@link toCsvFrame}. */
export const csvHeader = (names: readonly string[]): string =>
  `${filled(names.map((name) => quoted(defused(name))).join(','))}\n`;

/** Returns the lines of the rows of {@link toCsvFrame}. */
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

/** Returns the text of a cell of a frame, with a decimal point in numbers, or undefined if the cell is missing. */
export const cellText = ({ numbers, texts, written }: FrameColumn, row: number): string | undefined => {
  const value = numbers[row]!;
  if (Number.isNaN(value)) return texts?.[row];
  const cell = written?.[row];
  return cell !== undefined && numberOf(cell) === value ? cell : exact(value);
};

const { numberOf } = cellsWith('.');

/** Puts quotes in an empty line: readers skip blank lines, so an empty cell of a one-column table would be lost. */
const filled = (line: string): string => (line === '' ? '""' : line);

const quoted = (cell: string): string => (/[",;|\t\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

/**
 * Returns the text of a float64 number: all its digits if the number is whole or not exact in float32, otherwise the
 * digits of the float32.
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
