import { FlowError, inNode, keepNaN, measureReadBack, startRegistered, type BackendAdapter } from '@impflow/core';
import type { WebgpuEngine } from './engine.ts';
import { tellTrouble } from './trouble.ts';

/**
 * Adapter of TensorFlow.js in WebGPU, for pages. Tensors can be read only by awaiting, so a solve cannot read its
 * residual. Wrap solves in `settle` of core, which verifies them afterwards. `fit` of training does this.
 */
export const webgpu = (): BackendAdapter => ({
  name: 'webgpu',
  isAvailable: async () => (await probe()) === undefined,
  start: () =>
    startRegistered('webgpu', {
      load: async () => {
        const reason = await probe();
        if (reason !== undefined) {
          throw new FlowError('unsupported', 'backend-webgpu/start', 'WebGPU is not available', {
            expected: 'a browser with WebGPU',
            got: reason,
            hint: 'Use webgl() or wasm(); chrome://gpu tells what is blocked.',
          });
        }
        await import('@tensorflow/tfjs-backend-webgpu');
        // tfjs returns 0 and infinity for NaN. A lost sample must stay NaN.
        keepNaN('webgpu', 'Sigmoid');
        keepNaN('webgpu', 'Softplus');
      },
      capabilities: async (backend) => {
        const engine = backend as WebgpuEngine;
        tellTrouble(engine);
        refuseReading(engine);
        const { vendor = '', architecture = '' } = engine.adapterInfo ?? {};
        const renderer = `${vendor} ${architecture}`.trim();
        return {
          precision: 32,
          syncRead: false,
          device: 'gpu',
          threads: 1,
          ...(renderer === '' ? {} : { renderer }),
          readBack: await measureReadBack(false),
        };
      },
    }),
});

/** Returns the reason why there is no WebGPU, or undefined. */
const probe = async (): Promise<string | undefined> => {
  if (inNode()) return 'Node has none';
  const { gpu } = navigator as { readonly gpu?: { requestAdapter(): Promise<object | null> } };
  if (gpu === undefined) return 'the browser has none (or this page is neither HTTPS nor localhost)';
  return (await gpu.requestAdapter().catch(() => null)) === null ? 'the browser offers no device' : undefined;
};

/**
 * Makes synchronous reads from the device throw, because tfjs would draw the numbers on a canvas and read that. Tensors
 * whose values are on the host can still be read.
 */
const refuseReading = (backend: WebgpuEngine): void => {
  const readHost = backend.readSync.bind(backend);
  backend.readSync = (dataId) => {
    if (backend.tensorMap.get(dataId).values != null) return readHost(dataId);
    throw new FlowError('unsupported', 'backend-webgpu', 'WebGPU cannot be read at once', {
      hint: 'Use await x.data() in place of x.dataSync().',
    });
  };
};
