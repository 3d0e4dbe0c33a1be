// The compiled packages of this workspace, and the TensorFlow.js instance that they use.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/**
 * @typedef {import('../../packages/backend-wasm/dist/index.js').WasmOptions['simd']} SimdOption
 * @typedef {import('../../packages/backend-wasm/dist/index.js').WasmOptions['kernels']} KernelsOption
 */

export const { wasm } = await import('../../packages/backend-wasm/dist/index.js');
export const core = await import('../../packages/core/dist/index.js');
export const data = await import('../../packages/tables/dist/index.js');
export const vision = await import('../../packages/vision/dist/index.js');
export const flows = await import('../../packages/flows/dist/index.js');
export const impflow = await import('../../packages/impflow/dist/run.js');
export const lipschitz = await import('../../packages/lipschitz/dist/index.js');
export const training = await import('../../packages/training/dist/index.js');

// The workspace root depends on no package, so the shared instance of TensorFlow.js is resolved from a package.
const within = createRequire(new URL('../../packages/core/package.json', import.meta.url));
/** @type {typeof import('@tensorflow/tfjs-core')} */
export const tf = await import(pathToFileURL(within.resolve('@tensorflow/tfjs-core')).href);
