// Replaces two files of @tensorflow/tfjs-backend-wasm, the JavaScript code that loads its threaded build. `wasm()` of
// @impflow/backend-wasm never starts the threaded build. The two files would add 5 % to the bytes of a first visit.

const noThreads = () => {
  throw new Error('[demo] The page has no threaded build of TensorFlow.js: expected the single-threaded build.');
};

export default noThreads;
export const wasmWorkerContents = '';
