import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { WrittenPart } from '../tasks/task.ts';

/** Describes a file of `rows` rows that was written. */
export const writtenPart = async (path: string, rows: number): Promise<WrittenPart> => {
  const bytes = await readFile(path);
  return { rows, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
};
