import { webgl } from '@impflow/backend-webgl';
import { engine } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

it('without WebGL 2, `start` throws an error that names WebGL 2, and tfjs does not change', async () => {
  const before = engine().backendName;
  expect(await webgl().isAvailable()).toBe(false);
  await expect(webgl().start()).rejects.toThrow(
    '[backend-webgl/start] WebGL 2 is not available: expected a browser with WebGL 2, got a browser without it. ' +
      'Use wasm(). The page chrome://gpu (about:support in Firefox) lists blocked features.',
  );
  expect(engine().backendName).toBe(before);
});
