import { join } from 'node:path';
import { openTableWriter, readFrame, type Frame } from '@impflow/tables';
import type { WrittenPart } from '../tasks/task.ts';
import type { Manifest } from './job-folder.ts';
import type { PartsTarget } from './target.ts';

/** Options for joining the files of parts into one file. */
interface JoinedColumns {
  /** Names of the columns of a part. A file in NumPy format stores no names. */
  readonly names: readonly string[];
  /** Columns that are kept. Default: all. */
  readonly kept?: readonly string[];
  /** Columns that contain text. Default: none. */
  readonly texts?: readonly string[];
}

/** Joins the files of the parts, in their order, into one file. The file appears under its name when it is complete. */
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

/** Returns the given columns of a part. */
const chosen = ({ columns, ...frame }: Frame, names: readonly string[], kept: readonly string[]): Frame => ({
  ...frame,
  columns: kept.map((name) => ({ ...columns[names.indexOf(name)]!, name })),
});
