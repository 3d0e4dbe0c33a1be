import { webgpu } from '@impflow/backend-webgpu';
import { engine } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

it('without WebGPU, `start` throws an error that names WebGPU, and tfjs does not change', async () => {
  const before = engine().backendName;
  expect(await webgpu().isAvailable()).toBe(false);
  await expect(webgpu().start()).rejects.toThrow(
    new RegExp(
      String.raw`^\[backend-webgpu/start\] WebGPU is not available: expected a browser with WebGPU, ` +
        String.raw`got a browser (that offers no device|without it.*)\. Use webgl\(\) or wasm\(\)`,
    ),
  );
  expect(engine().backendName).toBe(before);
});
