export { wasm, type WasmOptions } from './wasm.ts';
export type { KernelSource, SimdBuild } from './module.ts';
export { wasmFiles, type WasmFiles } from './wasm-files.ts';
