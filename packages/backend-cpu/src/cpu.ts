import { startRegistered, type BackendAdapter } from '@impflow/core';

/** TensorFlow.js in plain JavaScript: runs everywhere, about 40 times slower than wasm on products. For reference and tests. */
export const cpu = (): BackendAdapter => ({
  name: 'cpu',
  isAvailable: async () => true,
  start: () => startRegistered('cpu', {
    load: () => import('@tensorflow/tfjs-backend-cpu'),
    capabilities: { precision: 32, syncRead: true, device: 'cpu', threads: 1 },
  }),
});
