import { startRegistered, type BackendAdapter } from '@impflow/core';

/**
 * Adapter of TensorFlow.js in plain JavaScript, for reference and tests. It runs everywhere. Matrix products are about
 * 40 times slower than with wasm.
 */
export const cpu = (): BackendAdapter => ({
  name: 'cpu',
  isAvailable: async () => true,
  start: () =>
    startRegistered('cpu', {
      load: () => import('@tensorflow/tfjs-backend-cpu'),
      capabilities: { precision: 32, syncRead: true, device: 'cpu', threads: 1 },
    }),
});
