import { assertNode, fileBytes, writeAtomically } from '@impflow/core';
import type { HostTensors } from './host-tensor.ts';
import { headerLength } from './safetensors-header.ts';
import { decodeSafetensors, encodeSafetensors, type Safetensors } from './safetensors.ts';

/**
 * Reads a safetensors file (Node).
 *
 * @throws `input` if the file cannot be read; `checkpoint` if it is not a safetensors file; `unsupported` in a browser.
 */
export const readSafetensors = async (path: string): Promise<Safetensors> =>
  decodeSafetensors(await tensorFileBytes('training/readSafetensors', path), path);

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

/**
 * Returns the bytes of a file of tensors (Node). `at` is the function that the messages name. The beginning of the file
 * is checked before the rest is read.
 *
 * @throws `input` if the file cannot be read; `checkpoint` if it does not begin like a safetensors file; `unsupported`
 * in a browser.
 */
export const tensorFileBytes = async (at: string, path: string): Promise<Uint8Array> => {
  assertNode(at, 'Fetch the bytes, and pass them to decodeSafetensors or decodeCheckpoint.');
  return fileBytes(at, path, { examine: (start, size) => void headerLength(start, size, path) });
};
