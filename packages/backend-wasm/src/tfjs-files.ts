import { FlowError, inNode } from '@impflow/core';

/** tfjs's .wasm file, with the names that it knows it by. All three must be given; the threaded one is never loaded. */
const files = (plain: string, simd: string): Readonly<Record<string, string>> => ({
  'tfjs-backend-wasm.wasm': plain,
  'tfjs-backend-wasm-simd.wasm': simd,
  'tfjs-backend-wasm-threaded-simd.wasm': simd,
});

/**
 * Where tfjs's own .wasm file lies, for its `setWasmPaths`. `undefined` in Node, where tfjs finds it. In a browser tfjs looks beside the page,
 * where no bundler puts it; bundlers emit what stands in `new URL('…', import.meta.url)` and fill in its address.
 */
export const tfjsFiles = (source?: URL | string): Readonly<Record<string, string>> | undefined => {
  if (source !== undefined) return files(String(source), String(source));
  if (inNode()) return undefined;
  return files(
    new URL('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm', import.meta.url).href,
    new URL('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm', import.meta.url).href,
  );
};

/** What to tell whoever's TensorFlow.js did not start. */
export const notStarted = (tried: Readonly<Record<string, string>>, cause: unknown): FlowError => {
  return new FlowError('unsupported', 'backend-wasm/start', 'TensorFlow.js did not start', {
    expected: `its .wasm file at ${[...new Set(Object.values(tried))].join(' or ')}`, got: 'the failure that it warns of on the console', cause,
    hint: 'Serve tfjs-backend-wasm-simd.wasm of @tensorflow/tfjs-backend-wasm, give its address as wasm({ tfjsUrl }), and reload the page: it starts once.',
  });
};
