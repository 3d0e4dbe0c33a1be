import { parquetWriteBuffer } from 'hyparquet-writer';
import type { Table } from '../table.ts';

export type Writable = Pick<Table, 'columns' | 'rows' | 'values'>;

/** Text with a header; each number in the fewest digits that read back to the same float32, a missing one as an empty cell. */
export const toCsv = ({ columns, rows, values }: Writable): Buffer => {
  const lines = [columns.map(quoted).join(',')];
  for (let row = 0; row < rows; row++) {
    // An array, since mapping a typed array to text would turn it back into numbers.
    lines.push(Array.from(values.subarray(row * columns.length, (row + 1) * columns.length), shortest).join(','));
  }
  // The one cell of a one-column row must not leave a blank line: readers skip those.
  return Buffer.from(`${lines.map((line) => (line === '' ? '""' : line)).join('\n')}\n`);
};

/** A NumPy array `[rows, columns]` of little-endian float32, version 1.0; the names are not kept. */
export const toNpy = ({ columns, rows, values }: Writable): Buffer => {
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${columns.length}), }`;
  // The format pads the header with spaces to a multiple of 64 bytes and ends it with a newline.
  const length = Math.ceil((10 + dictionary.length + 1) / 64) * 64;
  const out = Buffer.alloc(length + 4 * values.length);
  out.write('\x93NUMPY\x01\x00', 'latin1');
  out.writeUInt16LE(length - 10, 8);
  out.write(`${dictionary.padEnd(length - 11)}\n`, 10, 'latin1');
  for (const [i, value] of values.entries()) out.writeFloatLE(value, length + 4 * i);
  return out;
};

/** Parquet with one required FLOAT column for each name, in Snappy compression. */
export const toParquet = ({ columns, rows, values }: Writable): Buffer => Buffer.from(parquetWriteBuffer({
  columnData: columns.map((name, j) => ({
    name, type: 'FLOAT' as const, nullable: false, data: Float32Array.from({ length: rows }, (_, row) => values[row * columns.length + j]!),
  })),
}));

const quoted = (name: string): string => (/[",;\t\r\n]|^\s|\s$/.test(name) ? `"${name.replaceAll('"', '""')}"` : name);

const shortest = (value: number): string => {
  if (Number.isNaN(value)) return '';
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return String(rounded);
  }
  return String(Number(value.toPrecision(9)));
};
