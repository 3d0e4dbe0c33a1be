import { assertPath } from './arguments.ts';
import { FlowError } from './errors.ts';
import { assertNode } from './platform.ts';

/** A temporary file in the folder of its target; `commit` renames it to the target. */
export interface GrowingFile {
  /** Appends bytes to the file. */
  append(bytes: Uint8Array): Promise<void>;
  /** Overwrites bytes at an earlier position of the file. */
  overwrite(bytes: Uint8Array, at: number): Promise<void>;
  /** Flushes the file, renames it to its target, and flushes the folder. */
  commit(): Promise<void>;
  /** Removes the file. */
  discard(): Promise<void>;
}

let opened = 0;

/**
 * Opens a temporary file in the folder of `path` (Node); `commit` renames it to `path`. Readers of `path` find either
 * the old bytes or all new bytes, also after a crash or a power cut.
 *
 * @remarks A killed process may leave its `.tmp` file behind. Nothing reads it.
 * @throws `input`, from `at`, if the file cannot be written; the methods of the result also throw `input`.
 * `unsupported` in a browser.
 */
export const growingFile = async (path: string, at: string = 'core/growingFile'): Promise<GrowingFile> => {
  assertNode(at, 'Offer the bytes as a download instead.');
  assertPath(at, path);
  const { open, rename, rm } = process.getBuiltinModule('node:fs/promises');
  const { basename, dirname, join } = process.getBuiltinModule('node:path');
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${process.pid}.${opened++}.tmp`);
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      throw unwritable(at, basename(path), folder, cause);
    }
  };
  // An existing file of this name is overwritten (the exclusive flag is not set). In a container, a killed process with
  // the same process id may have left a file of this name.
  const file = await guarded(() => open(temporary, 'w'));
  let size = 0;
  const write = async (bytes: Uint8Array, from: number): Promise<void> => {
    for (let done = 0; done < bytes.length;)
      done += (await file.write(bytes, done, bytes.length - done, from + done)).bytesWritten;
  };
  return Object.freeze<GrowingFile>({
    append: (bytes) =>
      guarded(async () => {
        await write(bytes, size);
        size += bytes.length;
      }),
    overwrite: (bytes, from) => guarded(() => write(bytes, from)),
    commit: () =>
      guarded(async () => {
        try {
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(temporary, path);
        await syncFolder(folder);
      }),
    discard: async () => {
      // The file is already closed if `commit` failed.
      await file.close().catch(() => undefined);
      await rm(temporary, { force: true }).catch(() => undefined);
    },
  });
};

/**
 * Replaces a file atomically (Node). Readers of `path` find either the old bytes or the new bytes, also after a crash
 * or a power cut. The function writes and flushes a temporary file in the folder of `path`, renames it, and flushes the
 * folder.
 *
 * @remarks A killed process may leave its `.tmp` file behind. Nothing reads it.
 * @throws `input`, from `at`, where the file cannot be written; `unsupported` in a browser.
 */
export const writeAtomically = async (
  path: string,
  bytes: Uint8Array,
  at: string = 'core/writeAtomically',
): Promise<void> => {
  const file = await growingFile(path, at);
  try {
    await file.append(bytes);
    await file.commit();
  } catch (error) {
    await file.discard();
    throw error;
  }
};

const syncFolder = async (folder: string): Promise<void> => {
  // Windows cannot open a folder, and there a rename is durable without flushing the folder.
  if (process.platform === 'win32') return;
  const { open } = process.getBuiltinModule('node:fs/promises');
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const unwritable = (at: string, name: string, folder: string, cause: unknown): FlowError => {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
  const [expected, got, hint] = UNWRITABLE[code] ?? ['room for the file', code, 'Check the disk.'];
  return new FlowError('input', at, `Cannot write ${name} into the folder ${folder}`, { expected, got, hint, cause });
};

const UNWRITABLE: Readonly<Record<string, readonly [expected: string, got: string, hint: string]>> = {
  ENOENT: ['a folder', 'nothing at that path', 'Create it first.'],
  ENOTDIR: ['a folder', 'a file in its place', 'Choose another folder.'],
  EACCES: ['a folder to write to', 'no permission', 'Choose another folder, or allow writing.'],
  EPERM: ['a folder to write to', 'no permission', 'Choose another folder, or allow writing.'],
  EROFS: ['a folder to write to', 'a read-only file system', 'Choose another folder.'],
  EISDIR: ['a free name', 'a folder of that name', 'Choose another name.'],
  ENOSPC: ['room for the file', 'a full disk', 'Free some space.'],
};
