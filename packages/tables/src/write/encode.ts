import { parquetWriteBuffer } from 'hyparquet-writer';
import type { Frame, FrameColumn } from '../frame/frame.ts';
import { cellText, toCsvText, type Writable } from './csv.ts';

/** Returns the bytes of {@link toCsvText}. */
export const toCsv = (table: Writable): Buffer => Buffer.from(toCsvText(table));

/**
 * Returns a NumPy file, version 1.0: an array `[rows, columns]` of little-endian float32, or float64 if the values are.
 * Column names are lost.
 */
export const toNpy = ({ columns, rows, values }: Writable): Buffer => {
  const wide = values instanceof Float64Array;
  return Buffer.concat([npyHeaderBytes(wide, rows, columns.length), littleEndian(values)]);
};

/** The header of {@link toNpy}: 128 bytes, for any number of rows. */
export const npyHeaderBytes = (wide: boolean, rows: number, width: number): Buffer => {
  const dictionary = `{'descr': '<${wide ? 'f8' : 'f4'}', 'fortran_order': False, 'shape': (${rows}, ${width}), }`;
  // The format pads the header with spaces to a multiple of 64 bytes and ends it with a newline.
  const length = Math.ceil((10 + dictionary.length + 1) / 64) * 64;
  const out = Buffer.alloc(length);
  out.write('\x93NUMPY\x01\x00', 'latin1');
  out.writeUInt16LE(length - 10, 8);
  out.write(`${dictionary.padEnd(length - 11)}\n`, 10, 'latin1');
  return out;
};

/** The values as little-endian bytes. */
export const littleEndian = (values: Float32Array | Float64Array): Buffer => {
  const out = Buffer.alloc(values.byteLength);
  const view = new DataView(out.buffer, out.byteOffset, out.byteLength);
  if (values instanceof Float64Array) for (let i = 0; i < values.length; i++) view.setFloat64(8 * i, values[i]!, true);
  else for (let i = 0; i < values.length; i++) view.setFloat32(4 * i, values[i]!, true);
  return out;
};

/**
 * Returns a Parquet file with one required column per name, FLOAT or DOUBLE as the values are, compressed by Snappy.
 */
export const toParquet = ({ columns, rows, values }: Writable): Buffer =>
  Buffer.from(
    parquetWriteBuffer({
      columnData: columns.map((name, j) => ({ name, nullable: false, ...columnOf(values, rows, columns.length, j) })),
    }),
  );

const columnOf = (
  values: Writable['values'],
  rows: number,
  width: number,
  j: number,
): { readonly type: 'DOUBLE' | 'FLOAT'; readonly data: Float32Array | Float64Array } => {
  const cell = (_: unknown, row: number): number => values[row * width + j]!;
  return values instanceof Float64Array
    ? { type: 'DOUBLE', data: Float64Array.from({ length: rows }, cell) }
    : { type: 'FLOAT', data: Float32Array.from({ length: rows }, cell) };
};

/**
 * Returns a Parquet file with one column per name, compressed by Snappy. A column without texts is DOUBLE. A column with
 * texts, or with numbers that must stay as written, is STRING. Gaps are nulls; a column without any is required.
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
