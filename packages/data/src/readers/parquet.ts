import * as zlib from 'node:zlib';
import { parquetMetadataAsync, parquetScan, parquetSchema, type AsyncBuffer, type Compressors } from 'hyparquet';
import type { FileBytes } from './file.ts';
import { malformed, type RawColumn, type RawTable } from './raw.ts';

/** The flat numeric and boolean columns of a Parquet file, uncompressed or compressed by Snappy, gzip, Brotli or, from Node 22.15, Zstandard. */
export const readParquet = async ({ path, bytes }: FileBytes, wanted?: readonly string[]): Promise<RawTable> => {
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const file: AsyncBuffer = { byteLength: buffer.byteLength, slice: (start, end) => buffer.slice(start, end) };
  try {
    const metadata = await parquetMetadataAsync(file);
    const scan = await parquetScan({ file, metadata, compressors: COMPRESSORS });
    const rows = Number(metadata.num_rows);
    const columns: RawColumn[] = [];
    for (const { element: { name }, children } of parquetSchema(metadata).children) {
      // A column that nobody asked for is named, for messages, and not decoded.
      if (wanted !== undefined && !wanted.includes(name)) columns.push({ name, values: [] });
      else if (children.length > 0) columns.push({ name, values: [], text: { row: 0, cell: 'a nested value' } });
      else {
        const cells: unknown[] = [];
        for (const range of scan.ranges) for (const cell of await scan.readColumn({ column: name, ...range })) cells.push(cell);
        if (cells.length !== rows) throw new Error(`${cells.length} values in the column "${name}" of ${rows} rows`);
        columns.push(columnOf(name, cells));
      }
    }
    return { rows, columns, place: (row) => `row ${row + 1}` };
  } catch (error) {
    throw malformed(path, 'No readable Parquet table', 'a complete Parquet file', (error as Error).message.replace(/\.$/, ''), 'Write the file again, with Snappy compression or none.', error);
  }
};

// Node 20, which we support, has no Zstandard.
const { zstdDecompressSync } = zlib as { readonly zstdDecompressSync?: (input: Uint8Array) => Uint8Array };
const COMPRESSORS: Compressors = {
  GZIP: (input) => zlib.gunzipSync(input),
  BROTLI: (input) => zlib.brotliDecompressSync(input),
  ...(zstdDecompressSync === undefined ? {} : { ZSTD: (input) => zstdDecompressSync(input) }),
};

const columnOf = (name: string, cells: readonly unknown[]): RawColumn => {
  const values = Float64Array.from(cells, (cell) => (isNumber(cell) ? Number(cell) : NaN));
  const row = cells.findIndex((cell) => cell !== null && cell !== undefined && !isNumber(cell));
  return row < 0 ? { name, values } : { name, values, text: { row, cell: describe(cells[row]) } };
};

const isNumber = (cell: unknown): cell is number | bigint | boolean => typeof cell === 'number' || typeof cell === 'bigint' || typeof cell === 'boolean';
const describe = (cell: unknown): string => (cell instanceof Date ? cell.toISOString() : typeof cell === 'string' ? cell : `a value of type ${typeof cell}`);
