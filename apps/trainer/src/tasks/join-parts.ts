import { join } from 'node:path';
import { openTableWriter, readFrame, type Frame } from '@impflow/tables';
import type { Manifest } from './job-folder.ts';
import type { PartsTarget } from './parts-target.ts';
import type { WrittenPart } from './task.ts';

/** Writes parts one after the other into one file, which appears when it is whole. */
export const joinParts = async (
  { folder, file }: PartsTarget,
  { parts }: Manifest<WrittenPart>,
  {
    names,
    kept,
    texts = [],
  }: { readonly names: readonly string[]; readonly kept: readonly string[]; readonly texts?: readonly string[] },
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

/** Some columns of a part, whose file has no names. */
const chosen = ({ columns, ...frame }: Frame, names: readonly string[], kept: readonly string[]): Frame => ({
  ...frame,
  columns: kept.map((name) => ({ ...columns[names.indexOf(name)]!, name })),
});
