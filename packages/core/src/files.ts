import { FlowError } from './errors.ts';
import { assertNode } from './platform.ts';

let written = 0;

/**
 * Replaces a file atomically (Node). Readers of `path` find the old bytes or the new ones, also after a crash or a
 * power cut. It writes and flushes a temporary file in the same folder, renames it, and flushes the folder.
 *
 * @remarks A killed process may leave its `.tmp` file behind. Nothing reads it.
 * @throws `input`, from `at`, where the file cannot be written; `unsupported` in a browser.
 */
export const writeAtomically = async (
  path: string,
  bytes: Uint8Array,
  at: string = 'core/writeAtomically',
): Promise<void> => {
  assertNode(at, 'Offer the bytes as a download instead.');
  const { open, rename, rm } = process.getBuiltinModule('node:fs/promises');
  const { basename, dirname, join } = process.getBuiltinModule('node:path');
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${process.pid}.${written++}.tmp`);
  try {
    // Not exclusive: in containers a killed process may have had the same id, and its file must not stop this one.
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(folder);
  } catch (cause) {
    // The removal may fail for the same reason. Report the first error.
    await rm(temporary, { force: true }).catch(() => undefined);
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    const [expected, got, hint] = UNWRITABLE[code] ?? ['room for the file', code, 'Check the disk.'];
    throw new FlowError('input', at, `Cannot write ${basename(path)} into the folder ${folder}`, {
      expected,
      got,
      hint,
      cause,
    });
  }
};

const syncFolder = async (folder: string): Promise<void> => {
  // Windows cannot open a folder, and a rename is durable there without it.
  if (process.platform === 'win32') return;
  const { open } = process.getBuiltinModule('node:fs/promises');
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
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
