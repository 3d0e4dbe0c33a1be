import { decodeParquet, type ParquetColumn, type ParquetQuestion } from './parquet-decode.ts';

/** What to read, and from which file. */
export interface ParquetRequest extends ParquetQuestion {
  readonly path: string;
  /** The bytes, if there is no file at the path. */
  readonly bytes?: Uint8Array;
}

/** Messages of the process: the number of rows, each column, and the end, or an error. */
export type ParquetMessage =
  | { readonly rows: number }
  | ParquetColumn
  | { readonly error: string }
  | { readonly end: true };

// This module is the main module of a process and must not be imported. It reads the file that the first message names.
const send = (message: ParquetMessage): Promise<void> =>
  new Promise((resolve) => {
    process.send!(message, () => resolve());
  });

process.once('disconnect', () => process.exit());
process.once('message', ({ path, bytes, ...question }: ParquetRequest) => {
  const answer = async (): Promise<void> => {
    const read = process.getBuiltinModule('node:fs/promises').readFile;
    const { rows, columns } = await decodeParquet(bytes ?? (await read(path)), question);
    await send({ rows });
    for await (const column of columns) await send(column);
    await send({ end: true });
  };
  void answer().catch((error: unknown) => send({ error: (error as Error).message }));
});
