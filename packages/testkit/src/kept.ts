import { backend, memory, type Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { listen } from './listening.ts';

/**
 * Runs `body`, which returns the tensors that may be left of all that it makes, and returns them. Fails where more are left, with their shapes and
 * what made them, and where what it returns is not its own or gone.
 *
 * @remarks Counted, so that `body` may put a tensor of its own in the place of another, as caches do.
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
    if (tensor.isDisposed) expect.fail(`${what}: expected a result that the caller disposes, got a disposed tensor of shape [${tensor.shape.join(', ')}].`);
    if (!heard.made.has(tensor)) expect.fail(`${what}: expected a result of its own, got a tensor of shape [${tensor.shape.join(', ')}] that it was given.`);
  }
  const more = memory().numTensors - before - returned.length;
  if (more === 0) return returned;
  if (more < 0) expect.fail(`${what}: expected all tensors that were there before to be there still, got ${-more} fewer.`);
  return expect.fail(`${what}: expected nothing to be left${returned.length === 0 ? '' : ' beside the result'}, got ${counted(more, 'tensor')}:${heard.left(returned)}`);
};

/** Tensors, and buffers of the current backend. */
export const held = (): { readonly tensors: number; readonly buffers: number } => ({ tensors: memory().numTensors, buffers: backend().numDataIds() });

/** As many tensors and buffers of the backend are there after `body` as before. Fails with the shapes of what is left and what made it. */
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
  if (tensors !== 0 || buffers !== 0) expect.fail(`${what}: expected as much as before, got ${counted(tensors, 'tensor')} and ${counted(buffers, 'buffer')} of the backend more:${heard.left()}`);
};

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
