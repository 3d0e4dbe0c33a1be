import { readFile } from 'node:fs/promises';
import { FlowError } from '@impflow/core';

export interface FileBytes {
  readonly path: string;
  readonly bytes: Buffer;
}

/** A whole file. @throws `input`, for the function `at`, when it cannot be read. */
export const fileBytes = async (at: string, path: string): Promise<Buffer> => {
  try {
    return await readFile(path);
  } catch (error) {
    throw unreadable(at, path, error, 'a file');
  }
};

/** The error for a path where the system refused what was expected. */
export const unreadable = (at: string, path: string, error: unknown, expected: string): FlowError => {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  const [got, hint] = UNREADABLE[code] ?? [code, 'Check the path and the disk.'];
  return new FlowError('input', at, `Cannot read ${path}`, { expected, got, hint, cause: error });
};

const UNREADABLE: Readonly<Record<string, readonly [got: string, hint: string]>> = {
  ENOENT: ['nothing at that path', 'Check the path.'],
  ENOTDIR: ['nothing at that path', 'Check the path.'],
  EISDIR: ['a folder', 'Name a file in it.'],
  EACCES: ['no permission', 'Allow reading it.'],
};
