import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { WrittenPart } from '../tasks/task.ts';

/** Returns the number of rows, the size and the SHA-256 of a written file. */
export const writtenPart = async (path: string, rows: number): Promise<WrittenPart> => {
  const bytes = await readFile(path);
  return { rows, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
};
