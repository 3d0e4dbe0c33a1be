// Replaces two files of @tensorflow/tfjs-backend-wasm: the glue code of its threaded build. `wasm()` of
// @impflow/backend-wasm never starts that build, and its code would be a twentieth of the bytes of a first visit.

const noThreads = () => {
  throw new Error('[demo] The page has no threaded build of TensorFlow.js: expected the single-threaded build.');
};

export default noThreads;
export const wasmWorkerContents = '';
