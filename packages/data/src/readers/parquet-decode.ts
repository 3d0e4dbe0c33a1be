import * as zlib from 'node:zlib';
import { parquetMetadataAsync, parquetScan, parquetSchema, type AsyncBuffer, type Compressors } from 'hyparquet';

/** A column of a file. Cells that are missing or not numbers are NaN. `text` is the first cell that is not a number. */
export interface ParquetColumn {
  readonly name: string;
  readonly values: Float64Array;
  readonly text?: { readonly row: number; readonly cell: string };
}

/**
 * Returns the number of rows, and an iterator over the columns. Nested columns, and those that are not in `wanted`,
 * have no values.
 *
 * @throws any error of the library. With a damaged file the library can loop forever, or ask for more memory than Node
 * has: call it in a separate process.
 */
export const decodeParquet = async (
  bytes: Uint8Array,
  wanted?: readonly string[],
): Promise<{ readonly rows: number; readonly columns: AsyncIterable<ParquetColumn> }> => {
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const file: AsyncBuffer = { byteLength: buffer.byteLength, slice: (start, end) => buffer.slice(start, end) };
  const metadata = await parquetMetadataAsync(file);
  const scan = await parquetScan({ file, metadata, compressors: COMPRESSORS });
  const rows = Number(metadata.num_rows);
  const columns = async function* (): AsyncIterable<ParquetColumn> {
    for (const {
      element: { name },
      children,
    } of parquetSchema(metadata).children) {
      // Columns that are not wanted are not decoded, but messages need their names.
      if (wanted !== undefined && !wanted.includes(name)) yield { name, values: new Float64Array() };
      else if (children.length > 0)
        yield { name, values: new Float64Array(), text: { row: 0, cell: 'a nested value' } };
      else {
        const cells: unknown[] = [];
        for (const range of scan.ranges)
          for (const cell of await scan.readColumn({ column: name, ...range })) cells.push(cell);
        if (cells.length !== rows) throw new Error(`${cells.length} values in the column "${name}" of ${rows} rows`);
        yield columnOf(name, cells);
      }
    }
  };
  return { rows, columns: columns() };
};

// Node 20 has no Zstandard.
const { zstdDecompressSync } = zlib as { readonly zstdDecompressSync?: (input: Uint8Array) => Uint8Array };
const COMPRESSORS: Compressors = {
  GZIP: (input) => zlib.gunzipSync(input),
  BROTLI: (input) => zlib.brotliDecompressSync(input),
  ...(zstdDecompressSync === undefined ? {} : { ZSTD: (input) => zstdDecompressSync(input) }),
};

const columnOf = (name: string, cells: readonly unknown[]): ParquetColumn => {
  const values = Float64Array.from(cells, (cell) => (isNumber(cell) ? Number(cell) : NaN));
  const row = cells.findIndex((cell) => cell !== null && cell !== undefined && !isNumber(cell));
  return row < 0 ? { name, values } : { name, values, text: { row, cell: describe(cells[row]) } };
};

const isNumber = (cell: unknown): cell is number | bigint | boolean =>
  typeof cell === 'number' || typeof cell === 'bigint' || typeof cell === 'boolean';
const describe = (cell: unknown): string =>
  cell instanceof Date ? cell.toISOString() : typeof cell === 'string' ? cell : `a value of type ${typeof cell}`;
