import { startRegistered, type BackendAdapter } from '@impflow/core';

/**
 * Adapter of TensorFlow.js in plain JavaScript, for reference and tests. The backend runs everywhere. Matrix products
 * on the cpu backend take about 40 times as long as on the wasm backend.
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
