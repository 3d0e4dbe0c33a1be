import { FlowError, inNode } from '@impflow/core';

/**
 * Addresses for `setWasmPaths` of tfjs, which requires three file names. All three names have the address of the build
 * with SIMD. Every engine that runs the kernels of this package has SIMD, and tfjs never loads its threaded build when
 * this package starts it.
 */
const files = (simd: string): Readonly<Record<string, string>> => ({
  'tfjs-backend-wasm.wasm': simd,
  'tfjs-backend-wasm-simd.wasm': simd,
  'tfjs-backend-wasm-threaded-simd.wasm': simd,
});

/**
 * Returns the addresses of tfjs's own .wasm files; undefined in Node, where tfjs finds them. In a browser tfjs would
 * look for the files next to the page.
 */
export const tfjsFiles = (source?: URL | string): Readonly<Record<string, string>> | undefined => {
  if (source !== undefined) return files(String(source));
  return inNode() ? undefined : files(tfjsFile().href);
};

/** The copy of tfjs's .wasm file in this package. Bundlers emit the `.wasm` file and insert its address. */
export const tfjsFile = (): URL => new URL('../generated/tfjs-backend-wasm-simd.wasm', import.meta.url);

/** Returns the error for a TensorFlow.js that did not start. */
export const notStarted = (tried: Readonly<Record<string, string>>, cause: unknown): FlowError => {
  return new FlowError('unsupported', 'backend-wasm/start', 'TensorFlow.js did not start', {
    expected: `its .wasm file at ${[...new Set(Object.values(tried))].join(' or ')}`,
    got: 'a failure that TensorFlow.js describes on the console',
    cause,
    hint:
      'Serve tfjs-backend-wasm-simd.wasm of @tensorflow/tfjs-backend-wasm, ' +
      'give its address as wasm({ tfjsUrl }), and reload the page: TensorFlow.js starts only once in a page.',
  });
};
