import { parquetWriteBuffer } from 'hyparquet-writer';
import { toCsvText, type Writable } from './csv.ts';

/** The bytes of {@link toCsvText}. */
export const toCsv = (table: Writable): Buffer => Buffer.from(toCsvText(table));

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
