// Replaces two files of the package `@tensorflow/tfjs-backend-wasm` that load the multithreaded build of this package.
// The function `wasm()` of `@impflow/backend-wasm` never starts the multithreaded build. Without this replacement, a
// first visit to the page would load 5 % more bytes.

const noThreads = () => {
  throw new Error('[demo] The page has no threaded build of TensorFlow.js: expected the single-threaded build.');
};

export default noThreads;
export const wasmWorkerContents = '';
