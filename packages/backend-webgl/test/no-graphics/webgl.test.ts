import { webgl } from '@impflow/backend-webgl';
import { engine } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

it('throws an error that names WebGL as missing, and leaves tfjs unchanged', async () => {
  const before = engine().backendName;
  expect(await webgl().isAvailable()).toBe(false);
  await expect(webgl().start()).rejects.toThrow(
    '[backend-webgl/start] WebGL 2 is not available: expected a browser with WebGL 2, got a browser without it. ' +
      'Use wasm(), or look at chrome://gpu (about:support in Firefox) for what is blocked.',
  );
  expect(engine().backendName).toBe(before);
});
