// Backends that run in Node, and backends that need a page.
import { cpu } from '../../packages/backend-cpu/dist/index.js';
import { native } from '../../packages/backend-cuda/dist/index.js';
import { wasm } from '../../packages/backend-wasm/dist/index.js';

/** @type {Readonly<Record<string, () => import('@impflow/core').BackendAdapter>>} */
export const inNode = { cpu, wasm, native };
export const inPage = ['webgl', 'webgpu'];
