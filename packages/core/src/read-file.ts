import { assertPath } from './arguments.ts';
import { FlowError } from './errors.ts';
import { assertNode } from './platform.ts';

/** A file with its content. */
export interface FileBytes {
  /** Path or name, for messages. */
  readonly path: string;
  /** The whole content of the file. */
  readonly bytes: Buffer;
  /** Whether the bytes do not come from a file; `path` is then only their name. Default: false. */
  readonly isInMemory?: boolean;
}

/**
 * Reads a whole file (Node). `at` is the function that the messages name.
 *
 * @throws `input` if it cannot be read; `unsupported` in a browser.
 */
export const fileBytes = async (at: string, path: string): Promise<Buffer> => {
  assertNode(at, 'Give the bytes of the file instead.');
  assertPath(at, path);
  const { readFile } = process.getBuiltinModule('node:fs/promises');
  try {
    return await readFile(path);
  } catch (error) {
    throw unreadable(at, path, error, 'a file');
  }
};

/** Returns the error for a path that could not be read; `expected` is what should be there, such as `a file`. */
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
