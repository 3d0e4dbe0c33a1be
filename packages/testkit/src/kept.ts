import { backend, memory, type Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { listen } from './listening.ts';

/**
 * Runs `body` and returns its result. Fails if tensors outside the result are left, and reports their shapes and
 * origins. Fails if a returned tensor is disposed or existed before.
 *
 * @remarks The function compares the number of tensors before and after, so `body` may replace a tensor by another
 * tensor, as caches do.
 */
export const expectKept = <const T extends readonly Tensor[]>(what: string, body: () => T): T => {
  const before = memory().numTensors;
  const heard = listen();
  const returned = ((): T => {
    try {
      return body();
    } finally {
      heard.stop();
    }
  })();
  for (const tensor of returned) {
    if (tensor.isDisposed)
      expect.fail(
        `${what}: expected a result that the caller disposes, got a disposed tensor of shape [${tensor.shape.join(', ')}].`,
      );
    if (!heard.made.has(tensor))
      expect.fail(`${what}: expected a new tensor, got an existing one of shape [${tensor.shape.join(', ')}].`);
  }
  const more = memory().numTensors - before - returned.length;
  if (more === 0) return returned;
  if (more < 0) expect.fail(`${what}: expected all earlier tensors to exist, got ${-more} fewer.`);
  return expect.fail(
    `${what}: expected nothing to be left${returned.length === 0 ? '' : ' beside the result'}, got ` +
      `${counted(more, 'tensor')}:${heard.left(returned)}`,
  );
};

/** Numbers of tensors, and of buffers of the current backend. */
export const held = (): { readonly tensors: number; readonly buffers: number } => ({
  tensors: memory().numTensors,
  buffers: backend().numDataIds(),
});

/**
 * Checks that `body` does not change the numbers of tensors and of buffers of the backend. The message of a failure
 * contains the shapes and origins of the tensors that are left.
 */
export const expectNothingLeft = async (what: string, body: () => void | Promise<void>): Promise<void> => {
  const before = held();
  const heard = listen();
  try {
    await body();
  } finally {
    heard.stop();
  }
  const after = held();
  const [tensors, buffers] = [after.tensors - before.tensors, after.buffers - before.buffers];
  if (tensors !== 0 || buffers !== 0)
    expect.fail(
      `${what}: expected the same number of tensors and buffers as before, got ${counted(tensors, 'tensor')} and ` +
        `${counted(buffers, 'buffer')} more:${heard.left()}`,
    );
};

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
