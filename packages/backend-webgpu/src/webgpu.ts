import { FlowError, inNode, keepNaN, measureReadBack, startRegistered, type BackendAdapter } from '@impflow/core';
import type { WebgpuEngine } from './engine.ts';
import { tellTrouble } from './trouble.ts';

/**
 * TensorFlow.js in WebGPU, for pages. Reading it back means waiting, so solves cannot look how far they are: wrap what solves in `settle` of core,
 * which verifies them afterwards. Training does.
 */
export const webgpu = (): BackendAdapter => ({
  name: 'webgpu',
  isAvailable: async () => (await probe()) === undefined,
  start: () => startRegistered('webgpu', {
    load: async () => {
      const reason = await probe();
      if (reason !== undefined) {
        throw new FlowError('unsupported', 'backend-webgpu/start', 'WebGPU is not available', {
          expected: 'a browser with WebGPU', got: reason, hint: 'Use webgl() or wasm(); chrome://gpu tells what is blocked.',
        });
      }
      await import('@tensorflow/tfjs-backend-webgpu');
      // tfjs answers NaN with 0 and with infinity: a sample that is lost must stay so.
      keepNaN('webgpu', 'Sigmoid');
      keepNaN('webgpu', 'Softplus');
    },
    capabilities: async (backend) => {
      const engine = backend as WebgpuEngine;
      tellTrouble(engine);
      refuseReading(engine);
      const { vendor = '', architecture = '' } = engine.adapterInfo ?? {};
      const renderer = `${vendor} ${architecture}`.trim();
      return { precision: 32, syncRead: false, device: 'gpu', threads: 1, ...(renderer === '' ? {} : { renderer }), readBack: await measureReadBack(false) };
    },
  }),
});

/** Why there is no WebGPU here, or nothing where there is. */
const probe = async (): Promise<string | undefined> => {
  if (inNode()) return 'Node has none';
  const { gpu } = navigator as { readonly gpu?: { requestAdapter(): Promise<object | null> } };
  if (gpu === undefined) return 'the browser has none (or this page is neither HTTPS nor localhost)';
  return (await gpu.requestAdapter().catch(() => null)) === null ? 'the browser offers no device' : undefined;
};

/**
 * What lies on the device is not read at once: tfjs would paint the numbers on a canvas and read that. Small tensors that never left the host
 * are another matter.
 */
const refuseReading = (backend: WebgpuEngine): void => {
  const readHost = backend.readSync.bind(backend);
  backend.readSync = (dataId) => {
    if (backend.tensorMap.get(dataId).values != null) return readHost(dataId);
    throw new FlowError('unsupported', 'backend-webgpu', 'WebGPU cannot be read at once', { hint: 'Use await x.data() in place of x.dataSync().' });
  };
};
