import { defused } from '../formula-names.ts';
import type { Table } from '../table.ts';

/** A table to write. Float64 values keep their precision. */
export interface Writable extends Pick<Table, 'columns' | 'rows'> {
  /** `[rows, columns]`, row-major. */
  readonly values: Float32Array | Float64Array;
}

/**
 * Returns a table as CSV text with a header. Names are protected from being run as formulas by a spreadsheet. Each
 * number has the fewest digits that read back to the same float32, or to the same float64 in a float64 table. A missing
 * number is an empty cell.
 */
export const toCsvText = ({ columns, rows, values }: Writable): string => {
  const text = values instanceof Float64Array ? exact : shortest;
  const lines = [columns.map((name) => quoted(defused(name))).join(',')];
  for (let row = 0; row < rows; row++) {
    // An array: mapping a typed array to text would turn the text back into numbers.
    lines.push(Array.from(values.subarray(row * columns.length, (row + 1) * columns.length), text).join(','));
  }
  // An empty cell of a one-column table must not become a blank line, which readers skip.
  return `${lines.map((line) => (line === '' ? '""' : line)).join('\n')}\n`;
};

const quoted = (name: string): string => (/[",;\t\r\n]|^\s|\s$/.test(name) ? `"${name.replaceAll('"', '""')}"` : name);

/** Text of a float64 number: all digits if it is whole or float32 would lose some, otherwise those of the float32. */
const exact = (value: number): string =>
  Number.isNaN(value) || (Math.fround(value) === value && !Number.isInteger(value)) ? shortest(value) : String(value);

const shortest = (value: number): string => {
  if (Number.isNaN(value)) return '';
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return String(rounded);
  }
  return String(Number(value.toPrecision(9)));
};
