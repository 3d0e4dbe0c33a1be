// Stands for two files of @tensorflow/tfjs-backend-wasm: the glue code of its build with threads. `wasm()` of
// @impflow/backend-wasm never starts that build, and its code would be a twentieth of the bytes of a first visit.

const noThreads = () => {
  throw new Error('[demo] The page has no threads of TensorFlow.js: expected the build with one thread.');
};

export default noThreads;
export const wasmWorkerContents = '';
