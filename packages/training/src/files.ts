import { FlowError } from '@impflow/core';
import type { HostTensors } from './host-tensor.ts';
import { decodeSafetensors, encodeSafetensors, type Safetensors } from './safetensors.ts';

// Node's modules are imported where they are used: so the package loads in a browser, which never calls these.

let written = 0;

/**
 * Replaces a file in one step: whoever reads `path`, also after a crash or a power cut, finds the old bytes or the new.
 * Written to a temporary file beside it, flushed, renamed, and the folder flushed too.
 *
 * @remarks A killed process may leave its `.tmp` file behind; nothing reads it.
 * @throws `input` where the folder cannot be written.
 */
export const writeAtomically = async (path: string, bytes: Uint8Array): Promise<void> => {
  const { open, rename, rm } = await import('node:fs/promises');
  const { basename, dirname, join } = await import('node:path');
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${process.pid}.${written++}.tmp`);
  try {
    // Not exclusive: in containers a process that was killed had the same id, and its left-over must not stop this one.
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
    await rm(temporary, { force: true }).catch(() => {});
    throw new FlowError('input', 'training/writeAtomically', `Cannot write ${path} (${reason(cause)})`, { cause, hint: 'Check the folder, its permissions and the space left.' });
  }
};

/** Reads a safetensors file. @throws `checkpoint`, naming the file. */
export const readSafetensors = async (path: string): Promise<Safetensors> => decodeSafetensors(await readBytes(path), path);

/** Writes a safetensors file atomically; see {@link writeAtomically}. */
export const writeSafetensors = (path: string, tensors: HostTensors, metadata: Readonly<Record<string, string>> = {}): Promise<void> =>
  writeAtomically(path, encodeSafetensors(tensors, metadata));

/** The bytes of a file. @throws `checkpoint` where there is none to read. */
export const readBytes = async (path: string): Promise<Uint8Array> => {
  const { readFile } = await import('node:fs/promises');
  try {
    return await readFile(path);
  } catch (cause) {
    throw new FlowError('checkpoint', 'training/readSafetensors', `Cannot read ${path} (${reason(cause)})`, { cause, hint: 'Check the path.' });
  }
};

const syncFolder = async (folder: string): Promise<void> => {
  // Windows cannot open a folder, and does not need it for a rename to last.
  if (process.platform === 'win32') return;
  const { open } = await import('node:fs/promises');
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const reason = (cause: unknown): string => {
  const { code, message } = cause as NodeJS.ErrnoException;
  return code ?? message;
};
