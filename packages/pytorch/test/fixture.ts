import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isFlowError, type FlowError } from '@impflow/core';
import { zipSync } from 'fflate';

/** Returns the bytes of a file that `tools/pytorch/make-fixtures.py` wrote. */
export const fixture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))));

/**
 * Returns an archive with the layout of `torch.save`, whose files are in the folder `w`. With `deflated`, the files are
 * compressed, as another program may write them.
 */
export const checkpoint = (
  pickle: Uint8Array,
  storages: Readonly<Record<string, Uint8Array>> = {},
  more: Readonly<Record<string, Uint8Array>> = {},
  { deflated = false } = {},
): Uint8Array =>
  zipSync(
    {
      'w/data.pkl': pickle,
      'w/version': text('3\n'),
      ...Object.fromEntries(Object.entries(storages).map(([key, bytes]) => [`w/data/${key}`, bytes])),
      ...more,
    },
    // A fixed time: otherwise the bytes of the archive would depend on the time of the day.
    { level: deflated ? 9 : 0, mtime: new Date(2020, 0, 1) },
  );

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Returns the FlowError that `body` throws. Rethrows exceptions of other classes. */
export const refusedBy = (body: () => unknown): FlowError => {
  try {
    body();
  } catch (error) {
    if (isFlowError(error, 'checkpoint')) return error;
    throw error;
  }
  throw new Error('It was read.');
};
