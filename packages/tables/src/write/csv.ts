import { cellsWith } from '../frame/cells.ts';
import { defused } from '../frame/defused.ts';
import type { Frame, FrameColumn } from '../frame/frame.ts';
import { numberText } from '../frame/number-text.ts';

/**
 * Converts a frame to CSV text with a header, commas between cells and a decimal point. A space is put before a name or a
 * text cell that a spreadsheet would run as a formula. `readFrame` removes this space, as all spaces around cells. A number is
 * written exactly as in its source file if that string, read with a decimal point, gives an equal number. If not, the
 * number is written with the fewest digits that give the same float64 when they are read (or the same float32, if
 * float32 represents the number exactly). A missing cell is empty.
 *
 * @remarks A CSV does not distinguish text from numbers. So a text cell that looks like a number or a missing cell
 * becomes a number or a missing cell when the CSV is read. An example is the text `1.234` from a file with decimal
 * commas.
 */
export const toCsvFrame = (frame: Frame, options: CsvWriteOptions = {}): string =>
  csvHeader(
    frame.columns.map(({ name }) => name),
    options,
  ) + csvRows(frame, options);

/** Options of {@link toCsvFrame}. */
export interface CsvWriteOptions {
  /**
   * Names of the columns whose texts and names are written as they are, also if a spreadsheet would run them as formulas.
   * Use this option for columns that are copied from a file. Default: no columns.
   */
  readonly verbatim?: readonly string[];
}

/** Returns the header line of the CSV text that {@link toCsvFrame} returns. */
export const csvHeader = (names: readonly string[], { verbatim = [] }: CsvWriteOptions = {}): string =>
  `${filled(names.map((name) => quoted(verbatim.includes(name) ? name : defused(name))).join(','))}\n`;

/** Returns the lines of the rows of the CSV text that {@link toCsvFrame} returns, without the header. */
export const csvRows = (
  { columns, rows }: Pick<Frame, 'columns' | 'rows'>,
  { verbatim = [] }: CsvWriteOptions = {},
): string => {
  const isVerbatim = columns.map(({ name }) => verbatim.includes(name));
  const lines: string[] = [];
  for (let row = 0; row < rows; row++) {
    let line = '';
    for (let j = 0; j < columns.length; j++) {
      const cell = cellText(columns[j]!, row) ?? '';
      if (j > 0) line += ',';
      line += Number.isNaN(columns[j]!.numbers[row]) ? quoted(isVerbatim[j] === true ? cell : defused(cell)) : cell;
    }
    lines.push(filled(line));
  }
  return rows === 0 ? '' : `${lines.join('\n')}\n`;
};

/** Returns a cell of a frame as a string, with a decimal point in numbers. Returns undefined if the cell is missing. */
export const cellText = ({ numbers, texts, written }: FrameColumn, row: number): string | undefined => {
  const value = numbers[row]!;
  if (Number.isNaN(value)) return texts?.[row];
  const cell = written?.[row];
  return cell !== undefined && numberOf(cell) === value ? cell : numberText(value);
};

const { numberOf } = cellsWith('.');

/**
 * Replaces an empty line by two quotes. Readers skip blank lines, so a missing cell in a table with one column would be
 * lost.
 */
const filled = (line: string): string => (line === '' ? '""' : line);

const quoted = (cell: string): string => (/[",;|\t\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
