import { capabilities, type Backend, type BackendAdapter } from '@impflow/core';
import { add, backend, getBackend, matMul, ones, tensor1d, type Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { valuesOf } from './numbers.ts';

const works = async (): Promise<void> => {
  expect(await valuesOf(() => add(matMul(ones([2, 3]), ones([3, 2])), tensor1d([1, 2])))).toEqual([4, 5, 4, 5]);
};

/**
 * Starts a backend, runs `body` and stops the backend, also after an error, because the next law starts another
 * backend.
 */
const during = async (adapter: BackendAdapter, body: (backend: Backend) => Promise<void>): Promise<void> => {
  const backend = await adapter.start();
  try {
    await body(backend);
  } finally {
    backend.dispose();
  }
};

/**
 * Checks that `to` does not start while `from` holds tensors, that the error states the reason, and that the tensors
 * stay readable.
 */
const refuses = (from: BackendAdapter, to: BackendAdapter): Promise<void> =>
  during(from, async () => {
    const name = getBackend();
    const live: readonly Tensor[] = [tensor1d([1, 2, 3]), add(tensor1d([4, 5]), 1)];
    const count = backend().numDataIds();
    await expect(to.start()).rejects.toThrow(
      expect.objectContaining({
        code: 'input',
        message: expect.stringMatching(new RegExp(`\\b${name} still holds tensors.*\\b${count}\\b`)) as string,
      }) as Error,
    );
    expect(getBackend()).toBe(name);
    expect([[...(await live[0]!.data())], [...(await live[1]!.data())]]).toEqual([
      [1, 2, 3],
      [5, 6],
    ]);
    await works();
  });

/**
 * Laws about starting and stopping a backend, and starting another backend after it. No backend runs before or after a
 * law.
 */
export const lifecycle = (
  adapter: () => BackendAdapter,
  reference: () => BackendAdapter,
): Readonly<Record<string, () => Promise<void>>> => ({
  'starts, and reports its capabilities': () =>
    during(adapter(), async (backend) => {
      expect(await adapter().isAvailable()).toBe(true);
      expect(backend.name).toBe(adapter().name);
      expect(capabilities()).toBe(backend.capabilities);
      expect(backend.capabilities.precision).toBe(32);
      expect(['cpu', 'gpu']).toContain(backend.capabilities.device);
      expect(backend.capabilities.threads).toBeGreaterThanOrEqual(1);
      await works();
    }),
  'starts again after it was stopped': async () => {
    for (let i = 0; i < 3; i++) await during(adapter(), works);
  },
  'may be stopped twice': async () => {
    const first = await adapter().start();
    first.dispose();
    first.dispose();
    await during(adapter(), async () => {
      // Another instance runs now, and disposing the first instance again must not stop it.
      first.dispose();
      await works();
    });
  },
  'starting twice keeps the tensors': () =>
    during(adapter(), async () => {
      const kept = add(tensor1d([1, 2]), 1);
      const again = await adapter().start();
      expect([...(await kept.data())]).toEqual([2, 3]);
      kept.dispose();
      expect(capabilities()).toEqual(again.capabilities);
      await works();
    }),
  'starts alternately with another backend': async () => {
    for (let i = 0; i < 2; i++) for (const each of [reference(), adapter()]) await during(each, works);
    // The adapter starts although the reference backend still runs, because the reference backend holds no tensors.
    const other = await reference().start();
    await works();
    await during(adapter(), works);
    other.dispose();
  },
  'no other backend starts while it holds tensors': () => refuses(adapter(), reference()),
  'does not start while another backend holds tensors': () => refuses(reference(), adapter()),
});
