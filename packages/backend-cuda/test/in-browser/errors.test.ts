import { cuda } from '@impflow/backend-cuda';
import { expect, it } from 'vitest';

it('`cuda()` is not available in a page, and the error message says that `cuda()` needs Node', async () => {
  expect(await cuda().isAvailable()).toBe(false);
  await expect(cuda().start()).rejects.toMatchObject({
    code: 'unsupported',
    message:
      '[backend-cuda/cuda] A browser has no files to read or write: expected Node, got a browser. ' +
      'Use the webgpu, webgl or wasm backend.',
  });
});
