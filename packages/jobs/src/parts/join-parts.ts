import { join } from 'node:path';
import { openTableWriter, readFrame, type Frame } from '@impflow/tables';
import type { WrittenPart } from '../tasks/task.ts';
import type { Manifest } from './job-folder.ts';
import type { PartsTarget } from './target.ts';

/** Columns of joined parts. */
interface JoinedColumns {
  /** Names of the columns of a part. The file of a part may store no names. */
  readonly names: readonly string[];
  /** Columns that are kept. Default: all. */
  readonly kept?: readonly string[];
  /** Columns that hold texts. Default: none. */
  readonly texts?: readonly string[];
}

/** Joins the parts, in their order, in the file of a target. The file appears when it is complete. */
export const joinParts = async (
  { folder, file }: PartsTarget,
  { parts }: Manifest<WrittenPart>,
  { names, kept = names, texts = [] }: JoinedColumns,
): Promise<void> => {
  const writer = await openTableWriter(file!, kept, { texts });
  try {
    for (const part of parts) await writer.write(chosen(await readFrame(join(folder, part.file)), names, kept));
    await writer.close();
  } catch (error) {
    await writer.abort();
    throw error;
  }
};

/** Returns some columns of a part. */
const chosen = ({ columns, ...frame }: Frame, names: readonly string[], kept: readonly string[]): Frame => ({
  ...frame,
  columns: kept.map((name) => ({ ...columns[names.indexOf(name)]!, name })),
});
