import { FlowError, writeAtomically } from '@impflow/core';
import type { HostTensors } from './host-tensor.ts';
import { decodeSafetensors, encodeSafetensors, type Safetensors } from './safetensors.ts';

// Node's modules are imported where they are used: so the package loads in a browser, which never calls these.

/** Reads a safetensors file. @throws `checkpoint`, naming the file. */
export const readSafetensors = async (path: string): Promise<Safetensors> => decodeSafetensors(await readBytes(path), path);

/** Writes a safetensors file atomically; see `writeAtomically` of core. */
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

const reason = (cause: unknown): string => {
  const { code, message } = cause as NodeJS.ErrnoException;
  return code ?? message;
};
