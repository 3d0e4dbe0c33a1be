import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { FlowError } from '@impflow/core';

/** A file that grows beside its target until it takes its place. */
export interface GrowingFile {
  /** Writes bytes at the end. */
  append(bytes: Uint8Array): Promise<void>;
  /** Writes bytes at a place that has some already. */
  overwrite(bytes: Uint8Array, at: number): Promise<void>;
  /** Flushes the file and renames it to its target. */
  commit(): Promise<void>;
  /** Removes it. */
  discard(): Promise<void>;
}

let opened = 0;

/**
 * Opens a temporary file in the folder of `path`, named as those of `writeAtomically`. Readers of `path` see the old file
 * until `commit`, then the whole new one. `at` is the function that errors name.
 *
 * @throws `input` where the file cannot be written; so do its functions.
 */
export const growingFile = async (at: string, path: string): Promise<GrowingFile> => {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${process.pid}.part${opened++}.tmp`);
  const guarded = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw unwritable(at, path, error);
    });
  const file = await guarded(open(temporary, 'w'));
  const writeAll = async (bytes: Uint8Array, position: number | null): Promise<void> => {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await file.write(
        bytes,
        done,
        bytes.length - done,
        position === null ? null : position + done,
      );
      done += bytesWritten;
    }
  };
  let size = 0;
  return {
    append: async (bytes) => {
      await guarded(writeAll(bytes, size));
      size += bytes.length;
    },
    overwrite: (bytes, position) => guarded(writeAll(bytes, position)),
    commit: () => guarded(replace(file, temporary, path)),
    discard: async () => {
      await file.close();
      await rm(temporary, { force: true });
    },
  };
};

const replace = async (file: FileHandle, temporary: string, path: string): Promise<void> => {
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  // Windows cannot open a folder, and a rename is durable there without it.
  if (process.platform === 'win32') return;
  const folder = await open(dirname(path));
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};

const unwritable = (at: string, path: string, cause: unknown): FlowError => {
  const code = (cause as NodeJS.ErrnoException).code ?? (cause as Error).message;
  const [got, hint] = UNWRITABLE[code] ?? [code, 'Check the path and the disk.'];
  return new FlowError('input', at, `Cannot write ${basename(path)} into the folder ${dirname(path)}`, {
    expected: 'a folder with room for it',
    got,
    hint,
    cause,
  });
};

const UNWRITABLE: Readonly<Record<string, readonly [got: string, hint: string]>> = {
  ENOENT: ['nothing at that path', 'Create it first.'],
  ENOTDIR: ['a file in its place', 'Choose another folder.'],
  EACCES: ['no permission', 'Choose another folder, or allow writing.'],
  EPERM: ['no permission', 'Choose another folder, or allow writing.'],
  EROFS: ['a read-only file system', 'Choose another folder.'],
  EISDIR: ['a folder of that name', 'Choose another name.'],
  ENOSPC: ['a full disk', 'Free some space.'],
};
