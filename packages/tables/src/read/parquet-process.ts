import { openRegularFile } from '@impflow/core';
import type { AsyncBuffer } from 'hyparquet';
import { asyncBuffer } from './async-buffer.ts';
import { decodeParquet, type ParquetColumn, type ParquetQuestion } from './parquet-decode.ts';

/** Request to the reading process: the file, and the columns to read. */
export interface ParquetRequest extends ParquetQuestion {
  readonly path: string;
  /** The contents of the file, if the table is in memory and not at the path. */
  readonly bytes?: Uint8Array;
}

/**
 * Messages of the reading process: the number of rows, then each column, then the end. An error replaces the remaining
 * messages.
 */
export type ParquetMessage =
  | { readonly rows: number }
  | ParquetColumn
  | { readonly error: string }
  | { readonly end: true };

// Main module of the process that reads a Parquet file. Other modules must not import it. The first message to the
// process names the file.
const send = (message: ParquetMessage): Promise<void> =>
  new Promise((resolve) => {
    process.send!(message, () => resolve());
  });

const inMemory = (bytes: Uint8Array): AsyncBuffer => {
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  return { byteLength: buffer.byteLength, slice: (start, end) => buffer.slice(start, end) };
};

process.once('disconnect', () => process.exit());
process.once('message', ({ path, bytes, ...question }: ParquetRequest) => {
  const answer = async (): Promise<void> => {
    const file = bytes === undefined ? asyncBuffer(await openRegularFile('tables/readFrame', path)) : inMemory(bytes);
    const { rows, columns } = await decodeParquet(file, question);
    await send({ rows });
    for await (const column of columns) await send(column);
    await send({ end: true });
  };
  void answer().catch((error: unknown) => send({ error: (error as Error).message }));
});
