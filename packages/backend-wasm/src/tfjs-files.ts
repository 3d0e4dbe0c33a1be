import { FlowError, inNode } from '@impflow/core';

/** Addresses of tfjs's .wasm files by their names. tfjs requires all three; it never loads the threaded one here. */
const files = (plain: string, simd: string): Readonly<Record<string, string>> => ({
  'tfjs-backend-wasm.wasm': plain,
  'tfjs-backend-wasm-simd.wasm': simd,
  'tfjs-backend-wasm-threaded-simd.wasm': simd,
});

/**
 * Returns the addresses of tfjs's own .wasm files, for its `setWasmPaths`; undefined in Node, where tfjs finds them. In
 * a browser tfjs would look beside the page. Bundlers emit the files in `new URL('…', import.meta.url)` and insert
 * their addresses.
 */
export const tfjsFiles = (source?: URL | string): Readonly<Record<string, string>> | undefined => {
  if (source !== undefined) return files(String(source), String(source));
  if (inNode()) return undefined;
  return files(
    new URL('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm', import.meta.url).href,
    new URL('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm', import.meta.url).href,
  );
};

/** Returns the error for a TensorFlow.js that did not start. */
export const notStarted = (tried: Readonly<Record<string, string>>, cause: unknown): FlowError => {
  return new FlowError('unsupported', 'backend-wasm/start', 'TensorFlow.js did not start', {
    expected: `its .wasm file at ${[...new Set(Object.values(tried))].join(' or ')}`,
    got: 'the failure that it warns of on the console',
    cause,
    hint:
      'Serve tfjs-backend-wasm-simd.wasm of @tensorflow/tfjs-backend-wasm, ' +
      'give its address as wasm({ tfjsUrl }), and reload the page: it starts once.',
  });
};
