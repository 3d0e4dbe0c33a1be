import { FlowError, graphicsAdapter, inNode, keepNaN, type BackendAdapter } from '@impflow/core';
import { DAWN } from './dawn.ts';
import type { WebgpuEngine } from './engine.ts';
import { readSynchronously } from './read-sync.ts';
import { tellTrouble } from './trouble.ts';

/**
 * Adapter of TensorFlow.js in WebGPU, for pages, and for Node with the optional package `webgpu`.
 *
 * In pages WebGPU has no synchronous read, so a solve cannot read its residual. Wrap solves in `settle` of core, which
 * verifies the results afterwards. `fit` of training calls `settle` itself. In Node there are synchronous reads.
 */
export const webgpu = (): BackendAdapter =>
  graphicsAdapter<WebgpuEngine>({
    name: 'webgpu',
    api: 'WebGPU',
    hint: 'Use webgl() or wasm(). The page chrome://gpu lists blocked features.',
    node: DAWN,
    syncRead: inNode(),
    probe,
    load: async () => {
      await import('@tensorflow/tfjs-backend-webgpu');
      // For NaN, the kernels `Sigmoid` and `Softplus` of tfjs return 0 and infinity. A sample that has become NaN must
      // stay NaN.
      keepNaN('webgpu', 'Sigmoid');
      keepNaN('webgpu', 'Softplus');
    },
    prepare: async (engine) => {
      if (inNode()) {
        destroyDevice(engine);
        await readSynchronously(engine);
      } else refuseReading(engine);
      tellTrouble(engine);
      const { vendor = '', architecture = '' } = engine.adapterInfo ?? {};
      return `${vendor} ${architecture}`.trim() || undefined;
    },
  });

/** Returns the reason why a browser has no WebGPU, or undefined. */
const probe = async (): Promise<string | undefined> => {
  const { gpu } = navigator as { readonly gpu?: { requestAdapter(): Promise<object | null> } };
  if (gpu === undefined) return 'a browser without it, or a page that is neither HTTPS nor localhost';
  return (await gpu.requestAdapter().catch(() => null)) === null ? 'a browser that offers no device' : undefined;
};

/**
 * Makes synchronous reads from the device throw. Otherwise tfjs would draw the numbers on a canvas and read the canvas.
 * Tensors whose values are on the host can still be read.
 */
const refuseReading = (backend: WebgpuEngine): void => {
  const readHost = backend.readSync.bind(backend);
  backend.readSync = (dataId) => {
    if (backend.tensorMap.get(dataId).values != null) return readHost(dataId);
    throw new FlowError('unsupported', 'backend-webgpu', 'WebGPU has no synchronous read', {
      hint: 'Use await x.data() in place of x.dataSync().',
    });
  };
};

/**
 * Makes `dispose` free the memory of the device immediately. The garbage collector of Node would free the device late,
 * because the JavaScript object of a device is small.
 */
const destroyDevice = (backend: WebgpuEngine): void => {
  const dispose = backend.dispose.bind(backend);
  backend.dispose = () => {
    dispose();
    backend.device.destroy();
  };
};
