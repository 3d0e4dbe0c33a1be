import { inNode } from '@impflow/core';
import { decompress as unzstd } from 'fzstd';
import {
  parquetMetadataAsync,
  parquetScan,
  parquetSchema,
  type AsyncBuffer,
  type Compressors,
  type DecodedArray,
  type FileMetaData,
  type SchemaElement,
} from 'hyparquet';
import { readCell } from '../frame/cells.ts';
import { arrowColumns, type ArrowColumn } from './arrow-schema.ts';
import type { RawColumn } from './raw.ts';

/** A column of a Parquet file. `cells` contains strings, booleans, and dates as ISO strings. */
export interface ParquetColumn extends RawColumn {
  readonly values: Float64Array;
}

/** Which columns to read from a Parquet file, as plain data that can be sent to another process. */
export interface ParquetQuestion {
  /** Names of the columns to read. Default: all columns. */
  readonly wanted?: readonly string[];
}

/**
 * Decodes a Parquet file. Returns the number of rows, and an iterator over the columns. Nested columns, and columns
 * that are not in `wanted`, have an empty list of values.
 *
 * @throws any error of the library hyparquet. If the file is damaged, the library can loop forever, or need more memory
 * than Node has. So call this function in a separate process.
 */
export const decodeParquet = async (
  file: AsyncBuffer,
  question: ParquetQuestion = {},
): Promise<{ readonly rows: number; readonly columns: AsyncIterable<ParquetColumn> }> => {
  const metadata = await parquetMetadataAsync(file);
  const rows = Number(metadata.num_rows);
  return { rows, columns: decodeRows(file, metadata, { ...question, from: 0, to: rows }) };
};

/** Which columns and which rows to read from a Parquet file. */
interface ParquetRows extends ParquetQuestion {
  /** Index of the first row to read, counted from 0. */
  readonly from: number;
  /** Index of the row after the last row to read. */
  readonly to: number;
}

/**
 * Decodes the rows `[from, to)` of a Parquet file. Returns an iterator over the columns, as {@link decodeParquet} does
 * for all rows.
 *
 * @remarks Only the pages that contain rows of the range are decoded. If the file has an index of its pages, only these
 * pages are read. Without an index, the whole chunk of each column is read. Reading a row group in four ranges takes 20
 * % to 50 % more time than reading it in one range.
 * @throws as {@link decodeParquet}.
 */
export const decodeRows = async function* (
  file: AsyncBuffer,
  metadata: FileMetaData,
  { wanted, from, to }: ParquetRows,
): AsyncIterable<ParquetColumn> {
  const schema = metadata.key_value_metadata?.find(({ key }) => key === 'ARROW:schema')?.value;
  const arrow = schema === undefined ? new Map<string, ArrowColumn>() : arrowColumns(schema);
  const scan = await parquetScan({ file, metadata, compressors: compressors(), rowStart: from, rowEnd: to });
  for (const { element, children } of parquetSchema(metadata).children) {
    const { name } = element;
    // Columns that are not wanted are not decoded, but error messages need their names.
    if (wanted !== undefined && !wanted.includes(name)) yield { name, values: new Float64Array() };
    else if (children.length > 0) yield { name, values: new Float64Array(), wrong: { row: 0, cell: 'a nested value' } };
    else {
      const chunks: DecodedArray[] = [];
      for (const range of scan.ranges) chunks.push(await scan.readColumn({ column: name, ...range }));
      const count = chunks.reduce((sum, { length }) => sum + length, 0);
      if (count !== to - from) throw new Error(`${count} values in the column "${name}" of ${to - from} rows`);
      yield withType(columnOf(element, chunks, count), element, arrow.get(name));
    }
  }
};

/**
 * Returns the decompression functions that hyparquet needs. The length of the result is known from the file. A web page
 * has no synchronous functions for gzip and Brotli.
 */
const compressors = (): Compressors => {
  const zlib = inNode() ? process.getBuiltinModule('node:zlib') : undefined;
  return {
    ...(zlib === undefined
      ? {}
      : { GZIP: (input) => zlib.gunzipSync(input), BROTLI: (input) => zlib.brotliDecompressSync(input) }),
    // Node has a function for Zstandard only from version 22.15 on.
    ZSTD: (input, length) => unzstd(input, new Uint8Array(length)),
  };
};

/** Converts times of day and durations to seconds, and marks a column of numbers that is stored as categories. */
const withType = (column: ParquetColumn, element: SchemaElement, arrow: ArrowColumn | undefined): ParquetColumn => {
  const { logical_type: logical, converted_type: converted } = element;
  const timeUnit =
    logical?.type === 'TIME' ? logical.unit : converted?.startsWith('TIME_') === true ? converted.slice(5) : '';
  const perSecond = Object.hasOwn(PER_SECOND, timeUnit) ? PER_SECOND[timeUnit] : arrow?.perSecond;
  if (column.cells !== undefined) return column;
  if (perSecond !== undefined)
    // The division of two whole numbers gives the nearest double.
    return { ...column, values: column.values.map((value) => value / perSecond), unit: 'seconds' };
  return arrow?.isDictionary === true ? { ...column, isCategory: true } : column;
};

/** Numbers of the units of times in a second. */
const PER_SECOND: Readonly<Record<string, number>> = { MILLIS: 1e3, MICROS: 1e6, NANOS: 1e9 };

/** Converts a decoded Parquet column to cells. Strings are read as cells of a CSV with a decimal point. */
const columnOf = (element: SchemaElement, chunks: readonly DecodedArray[], count: number): ParquetColumn => {
  const { name } = element;
  const scale = element.converted_type === 'DECIMAL' ? (element.scale ?? 0) : 0;
  const dayOnly = element.converted_type === 'DATE' || element.logical_type?.type === 'DATE';
  const values = new Float64Array(count);
  let cells: (string | undefined)[] | undefined;
  let isWritten = false;
  let row = 0;
  for (const chunk of chunks) {
    for (let i = 0; i < chunk.length; i++, row++) {
      const given: unknown = chunk[i];
      if (typeof given === 'number' || (typeof given === 'bigint' && Number.isSafeInteger(Number(given)))) {
        values[row] = scale === 0 ? Number(given) : decimalOf(Number(given), scale);
        continue;
      }
      const read = readCell(given);
      if (read === undefined) return { name, values, wrong: { row, cell: describe(given) } };
      values[row] = read.value;
      isWritten ||= typeof given === 'string' && !Number.isNaN(read.value);
      if (read.cell === undefined) continue;
      cells ??= Array.from({ length: count });
      // A column of days has no times of day, so the time is removed from the ISO string.
      cells[row] = dayOnly ? read.cell.slice(0, -'T00:00:00.000Z'.length) : read.cell;
    }
  }
  if (isWritten) return { name, values, cells: cells ?? Array.from({ length: count }), isWritten };
  return cells === undefined ? { name, values } : { name, values, cells };
};

/**
 * Returns the double that is nearest to a decimal. hyparquet multiplies the whole number of a decimal by `10 ** -scale`,
 * which gives 0.7000000000000001 for 0.7. A number with more digits than a double can hold is returned unchanged.
 */
const decimalOf = (value: number, scale: number): number => {
  const whole = Math.round(value * 10 ** scale);
  return Math.abs(whole) < LARGEST ? Number(`${whole}e${-scale}`) : value;
};

/** The product of a smaller whole number and its power of ten, in doubles, is less than a half away from it. */
const LARGEST = 2 ** 50;

const describe = (cell: unknown): string =>
  cell instanceof Date ? cell.toISOString() : typeof cell === 'string' ? cell : `a value of type ${typeof cell}`;
