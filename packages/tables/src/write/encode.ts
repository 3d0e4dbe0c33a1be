import { parquetWriteBuffer } from 'hyparquet-writer';
import type { Frame, FrameColumn } from '../frame/frame.ts';
import { cellText } from './csv.ts';

/**
 * Returns the header of a NumPy file, version 1.0, for an array `[rows, width]` of float64. The header has 128 bytes
 * for any number of rows.
 */
export const npyHeader = (rows: number, width: number): Buffer => {
  const dictionary = `{'descr': '<f8', 'fortran_order': False, 'shape': (${rows}, ${width}), }`;
  // The format pads the header with spaces to a multiple of 64 bytes and ends it with a newline.
  const length = Math.ceil((10 + dictionary.length + 1) / 64) * 64;
  const out = Buffer.alloc(length);
  out.write('\x93NUMPY\x01\x00', 'latin1');
  out.writeUInt16LE(length - 10, 8);
  out.write(`${dictionary.padEnd(length - 11)}\n`, 10, 'latin1');
  return out;
};

/** Returns the values as little-endian bytes. */
export const littleEndian = (values: Float64Array): Buffer => {
  const out = Buffer.alloc(values.byteLength);
  const view = new DataView(out.buffer, out.byteOffset, out.byteLength);
  for (let i = 0; i < values.length; i++) view.setFloat64(8 * i, values[i]!, true);
  return out;
};

/**
 * Returns a Parquet file with one column per name, compressed by Snappy. A column without texts is DOUBLE. A column
 * with texts, or with numbers that must stay as written, is STRING. Gaps are nulls. A column without gaps is declared
 * as REQUIRED.
 */
export const toParquetFrame = ({ columns, rows }: Frame): Buffer =>
  Buffer.from(
    parquetWriteBuffer({ columnData: columns.map((column) => ({ name: column.name, ...dataOf(column, rows) })) }),
  );

const dataOf = (
  column: FrameColumn,
  rows: number,
): { readonly type: 'DOUBLE' | 'STRING'; readonly data: Float64Array | unknown[]; readonly nullable: boolean } => {
  const { numbers, texts, written } = column;
  if (texts === undefined && written === undefined) {
    const nullable = numbers.some(Number.isNaN);
    return {
      type: 'DOUBLE',
      nullable,
      data: nullable ? Array.from(numbers, (value) => (Number.isNaN(value) ? null : value)) : numbers,
    };
  }
  const data = Array.from({ length: rows }, (_, row) => cellText(column, row) ?? null);
  return { type: 'STRING', nullable: data.includes(null), data };
};
