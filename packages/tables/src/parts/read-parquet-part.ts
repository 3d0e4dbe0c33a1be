import { FlowError } from '@impflow/core';
import { parquetSchema, type SchemaElement } from 'hyparquet';
import type { Frame, FrameColumn } from '../frame/frame.ts';
import { asyncBuffer } from '../read/async-buffer.ts';
import { checkedFrame } from '../read/frame-columns.ts';
import { decodeRows, type ParquetColumn } from '../read/parquet-decode.ts';
import type { ByteSource } from './byte-source.ts';
import { damaged, parquetMetadata } from './parquet-parts.ts';
import { partColumns, type WantedColumns } from './part-columns.ts';
import type { TablePart } from './table-part.ts';

/** Reads one part of a Parquet file, which is a range of rows. */
export const readParquetPart = async (
  at: string,
  source: ByteSource,
  { from, to }: TablePart,
  { columns: wanted, categories }: WantedColumns,
): Promise<Frame> => {
  const { file } = source;
  const metadata = await parquetMetadata(source);
  const elements = parquetSchema(metadata).children.map(({ element }) => element);
  const names = elements.map(({ name }) => name);
  const chosen = partColumns(at, file, names, wanted).map((j) => names[j]!);
  const read = new Map<string, ParquetColumn>();
  try {
    for await (const column of decodeRows(asyncBuffer(source), metadata, { wanted: chosen, from, to }))
      read.set(column.name, column);
  } catch (error) {
    if (error instanceof FlowError) throw error;
    throw damaged(file, `rows ${from + 1} to ${to}`, (error as Error).message.replace(/\.$/, ''), error);
  }
  const rows = to - from;
  const place = (row: number): string => `row ${from + row + 1}`;
  const columns = chosen.map((name) => read.get(name)!);
  const frame = checkedFrame(at, { rows, columns, place }, file, { categories });
  return {
    ...frame,
    columns: frame.columns.map((column) =>
      holdsTexts(elements.find(({ name }) => name === column.name)!) ? withTexts(column, rows) : column,
    ),
  };
};

/** Whether a Parquet column of this type becomes a text column of a frame. */
const holdsTexts = ({ type, converted_type, logical_type }: SchemaElement): boolean =>
  type === 'BYTE_ARRAY' ||
  type === 'BOOLEAN' ||
  type === 'INT96' ||
  converted_type === 'DATE' ||
  converted_type?.startsWith('TIMESTAMP') === true ||
  logical_type?.type === 'DATE' ||
  logical_type?.type === 'TIMESTAMP';

/**
 * Returns the column with `texts` and `written`. Both fields are added even if this part has no text cells, because
 * another part of the file may have text cells.
 */
const withTexts = (column: FrameColumn, rows: number): FrameColumn => {
  const none = Array.from<undefined>({ length: rows });
  return { ...column, texts: column.texts ?? none, written: column.written ?? none };
};
