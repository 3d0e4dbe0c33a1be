import { failAfterLoss, graphicsAdapter, tensorsLost, type BackendAdapter } from '@impflow/core';
import { engine, type KernelBackend } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

it('a `graphicsAdapter` without the option `node` is not available in Node, and does not call the given functions', async () => {
  const unasked = (): never => {
    throw new Error('asked');
  };
  const adapter: BackendAdapter = graphicsAdapter({
    name: 'webfoo',
    api: 'WebFoo',
    hint: 'Use wasm().',
    syncRead: true,
    probe: unasked,
    load: unasked,
    prepare: unasked,
  });
  const before = engine().backendName;
  expect(await adapter.isAvailable()).toBe(false);
  await expect(adapter.start()).rejects.toThrow(
    '[backend-webfoo/start] WebFoo is not available: expected a browser with WebFoo, got Node, which has none. Use wasm().',
  );
  expect(engine().backendName).toBe(before);
});

it('`failAfterLoss` makes `read` and the given methods throw, and does not change other methods', async () => {
  const backend = { read: async () => 1, run: () => 2, memory: () => 3 } as unknown as KernelBackend & {
    run(): number;
    memory(): number;
  };
  failAfterLoss(backend, ['run'], tensorsLost('webfoo', 'The device is gone', { why: 'It happens.' }));
  const message =
    '[backend-webfoo] The device is gone. ' +
    'Dispose the backend, start it again (or another), and load the last checkpoint. It happens.';
  await expect(backend.read({})).rejects.toThrow(message);
  expect(() => backend.run()).toThrow(message);
  expect(backend.memory()).toBe(3);
});
