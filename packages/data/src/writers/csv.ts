import { defused } from '../formula-names.ts';
import type { Table } from '../table.ts';

export interface Writable extends Pick<Table, 'columns' | 'rows'> {
  /** `[rows, columns]`, row-major. */
  readonly values: Float32Array | Float64Array;
}

/**
 * Text with a header. Names are written so that a spreadsheet takes them for text. Each number has the fewest digits that
 * read back to the same float32, or float64 in a float64 table. A missing number is an empty cell.
 */
export const toCsvText = ({ columns, rows, values }: Writable): string => {
  const text = values instanceof Float64Array ? exact : shortest;
  const lines = [columns.map((name) => quoted(defused(name))).join(',')];
  for (let row = 0; row < rows; row++) {
    // An array, since mapping a typed array to text would turn it back into numbers.
    lines.push(Array.from(values.subarray(row * columns.length, (row + 1) * columns.length), text).join(','));
  }
  // The one cell of a one-column row must not leave a blank line: readers skip those.
  return `${lines.map((line) => (line === '' ? '""' : line)).join('\n')}\n`;
};

const quoted = (name: string): string => (/[",;\t\r\n]|^\s|\s$/.test(name) ? `"${name.replaceAll('"', '""')}"` : name);

/** Text of a float64 number: all digits if it is whole or float32 would lose some, else as a float32. */
const exact = (value: number): string => (Number.isNaN(value) || (Math.fround(value) === value && !Number.isInteger(value)) ? shortest(value) : String(value));

const shortest = (value: number): string => {
  if (Number.isNaN(value)) return '';
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return String(rounded);
  }
  return String(Number(value.toPrecision(9)));
};
