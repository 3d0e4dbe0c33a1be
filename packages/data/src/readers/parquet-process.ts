import { readFile } from 'node:fs/promises';
import { decodeParquet } from './parquet-decode.ts';

/** What the process sends of a file: the table, its columns one by one, the end; or what is wrong with it. */
export type ParquetMessage =
  | { readonly rows: number }
  | { readonly name: string; readonly values: Float64Array; readonly text?: { readonly row: number; readonly cell: string } }
  | { readonly error: string }
  | { readonly end: true };

// The module of a process: not to be imported. It reads the one file that it is asked for.
const send = (message: ParquetMessage): Promise<void> => new Promise((resolve) => { process.send!(message, () => resolve()); });

process.once('disconnect', () => process.exit());
process.once('message', (question: { readonly path: string; readonly wanted?: readonly string[] }) => {
  const answer = async (): Promise<void> => {
    const { rows, columns } = await decodeParquet(await readFile(question.path), question.wanted);
    await send({ rows });
    for await (const column of columns) await send(column);
    await send({ end: true });
  };
  void answer().catch((error: unknown) => send({ error: (error as Error).message }));
});
