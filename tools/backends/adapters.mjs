// Adapters of the backends that run in Node, and names of the backends that need a page in a browser.
import { cpu } from '../../packages/backend-cpu/dist/index.js';
import { wasm } from '../../packages/backend-wasm/dist/index.js';

/** @type {Readonly<Record<string, () => import('@impflow/core').BackendAdapter>>} */
export const inNode = { cpu, wasm };
export const inPage = ['webgl', 'webgpu'];
