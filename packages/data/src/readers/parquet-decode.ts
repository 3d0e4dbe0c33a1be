import * as zlib from 'node:zlib';
import {
  parquetMetadataAsync,
  parquetScan,
  parquetSchema,
  type AsyncBuffer,
  type Compressors,
  type SchemaElement,
} from 'hyparquet';
import { readCell } from './cells.ts';
import type { RawColumn } from './raw.ts';

/** A column of a file. Cells that are missing or not numbers are NaN. */
export interface ParquetColumn extends RawColumn {
  readonly values: Float64Array;
}

/** What to read of a file. Plain data, which another process understands. */
export interface ParquetQuestion {
  /** Names of the columns to read. Default: all. */
  readonly wanted?: readonly string[];
  /** Whether to keep the cells that numbers do not hold: texts, booleans, dates as ISO text. Default false. */
  readonly keep?: boolean;
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
  { wanted, keep = false }: ParquetQuestion = {},
): Promise<{ readonly rows: number; readonly columns: AsyncIterable<ParquetColumn> }> => {
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const file: AsyncBuffer = { byteLength: buffer.byteLength, slice: (start, end) => buffer.slice(start, end) };
  const metadata = await parquetMetadataAsync(file);
  const scan = await parquetScan({ file, metadata, compressors: COMPRESSORS });
  const rows = Number(metadata.num_rows);
  const columns = async function* (): AsyncIterable<ParquetColumn> {
    for (const { element, children } of parquetSchema(metadata).children) {
      const { name } = element;
      // Columns that are not wanted are not decoded, but messages need their names.
      if (wanted !== undefined && !wanted.includes(name)) yield { name, values: new Float64Array() };
      else if (children.length > 0)
        yield { name, values: new Float64Array(), text: { row: 0, cell: 'a nested value' } };
      else {
        const cells: unknown[] = [];
        for (const range of scan.ranges)
          for (const cell of await scan.readColumn({ column: name, ...range })) cells.push(cell);
        if (cells.length !== rows) throw new Error(`${cells.length} values in the column "${name}" of ${rows} rows`);
        yield keep ? keptColumn(element, cells) : columnOf(name, cells);
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

/** A column whose texts read as in a CSV with a decimal point. */
const keptColumn = (element: SchemaElement, given: readonly unknown[]): ParquetColumn => {
  const { name } = element;
  const isDate = element.converted_type === 'DATE' || element.logical_type?.type === 'DATE';
  const values = new Float64Array(given.length).fill(NaN);
  const cells: (string | undefined)[] = [];
  for (const [row, cell] of given.entries()) {
    const read = readCell(cell);
    if (read === undefined) return { name, values, text: { row, cell: describe(cell) } };
    values[row] = read.value;
    // A day has no time.
    cells.push(isDate ? read.cell?.slice(0, -'T00:00:00.000Z'.length) : read.cell);
  }
  return cells.some((cell) => cell !== undefined) ? { name, values, cells } : { name, values };
};

const isNumber = (cell: unknown): cell is number | bigint | boolean =>
  typeof cell === 'number' || typeof cell === 'bigint' || typeof cell === 'boolean';
const describe = (cell: unknown): string =>
  cell instanceof Date ? cell.toISOString() : typeof cell === 'string' ? cell : `a value of type ${typeof cell}`;
