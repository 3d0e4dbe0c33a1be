import { assertNode, FlowError, writeAtomically, assertPath } from '@impflow/core';
import type { HostTensors } from './host-tensor.ts';
import { decodeSafetensors, encodeSafetensors, type Safetensors } from './safetensors.ts';

/**
 * Reads a safetensors file (Node).
 *
 * @throws `checkpoint` if the file cannot be read or is not a safetensors file; `unsupported` in a browser.
 */
export const readSafetensors = async (path: string): Promise<Safetensors> =>
  decodeSafetensors(await readBytes(path), path);

/**
 * Writes a safetensors file atomically (Node).
 *
 * @throws `input` if the file cannot be written; `unsupported` in a browser.
 */
export const writeSafetensors = (
  path: string,
  tensors: HostTensors,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> => writeAtomically(path, encodeSafetensors(tensors, metadata));

/** Returns the bytes of a file. @throws `checkpoint` if the file cannot be read; `unsupported` in a browser. */
export const readBytes = async (path: string): Promise<Uint8Array> => {
  assertNode('training/readSafetensors', 'Fetch the bytes, and pass them to decodeSafetensors or decodeCheckpoint.');
  assertPath('training/readSafetensors', path);
  const { readFile } = process.getBuiltinModule('node:fs/promises');
  try {
    return await readFile(path);
  } catch (cause) {
    throw new FlowError('checkpoint', 'training/readSafetensors', `Cannot read ${path} (${reason(cause)})`, {
      cause,
      hint: 'Check the path.',
    });
  }
};

const reason = (cause: unknown): string => {
  const { code, message } = cause as NodeJS.ErrnoException;
  return code ?? message;
};
