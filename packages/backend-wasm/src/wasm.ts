import { FlowError, startRegistered, type BackendAdapter } from '@impflow/core';
import { addUnsortedSegmentSum } from './unsorted-segment-sum.ts';

/** TensorFlow.js in WebAssembly with SIMD: the embedded default. One thread in Node. */
export const wasm = (): BackendAdapter => ({
  name: 'wasm',
  isAvailable: async () => typeof WebAssembly === 'object',
  start: async () => {
    if (typeof WebAssembly !== 'object') {
      throw new FlowError('unsupported', 'backend-wasm/start', 'WebAssembly is not available here', { hint: 'Use the cpu backend.' });
    }
    await import('@tensorflow/tfjs-backend-wasm');
    addUnsortedSegmentSum();
    return startRegistered('wasm', { precision: 32, syncRead: true, device: 'cpu', threads: 1 });
  },
});
