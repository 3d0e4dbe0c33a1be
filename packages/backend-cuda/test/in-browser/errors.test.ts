import { cuda, native } from '@impflow/backend-cuda';
import { describe, expect, it } from 'vitest';

describe.each([native, cuda])('in a page: %s', (adapter) => {
  it('is not available, and the error names the platform that it needs', async () => {
    expect(await adapter().isAvailable()).toBe(false);
    await expect(adapter().start()).rejects.toMatchObject({
      code: 'unsupported',
      message:
        `[backend-cuda/${adapter().name}] A browser has no files to read or write: expected Node, got a browser. ` +
        'Use the webgpu, webgl or wasm backend.',
    });
  });
});
