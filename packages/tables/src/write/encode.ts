import { parquetWriteBuffer } from 'hyparquet-writer';
import type { Frame, FrameColumn } from '../frame/frame.ts';
import { cellText } from './csv.ts';

/**
 * Returns the header of a NumPy file, version 1.0, for an array `[rows, width]` of float64. The length of the header is
 * 128 bytes, independent of the number of rows.
 */
export const npyHeader = (rows: number, width: number): Buffer => {
  const dictionary = `{'descr': '<f8', 'fortran_order': False, 'shape': (${rows}, ${width}), }`;
  // In the NPY format, the header is padded with spaces to a multiple of 64 bytes and ends with a newline.
  const length = Math.ceil((10 + dictionary.length + 1) / 64) * 64;
  const out = Buffer.alloc(length);
  out.write('\x93NUMPY\x01\x00', 'latin1');
  out.writeUInt16LE(length - 10, 8);
  out.write(`${dictionary.padEnd(length - 11)}\n`, 10, 'latin1');
  return out;
};

/** Returns float64 values as little-endian bytes. */
export const littleEndian = (values: Float64Array): Buffer => {
  const out = Buffer.alloc(values.byteLength);
  const view = new DataView(out.buffer, out.byteOffset, out.byteLength);
  for (let i = 0; i < values.length; i++) view.setFloat64(8 * i, values[i]!, true);
  return out;
};

/**
 * Encodes a frame as a Parquet file, compressed by Snappy. A column of plain numbers has the type DOUBLE. A column with
 * text, or with numbers that must stay as they are written, has the type STRING. Missing cells become nulls. A column
 * without missing cells is declared as REQUIRED.
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
