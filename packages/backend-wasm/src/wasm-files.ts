import type { SimdBuild } from './module.ts';
import { tfjsFile } from './tfjs-files.ts';

/** URLs of all .wasm files, as options of `wasm`. */
export interface WasmFiles {
  /** URL of the .wasm file of TensorFlow.js. */
  readonly tfjsUrl: string;
  /** URLs of the two builds of this package's kernels. */
  readonly kernelsUrl: Readonly<Record<SimdBuild, string>>;
}

/**
 * Returns the addresses of the .wasm files of this package, for `wasm(wasmFiles())` in a page. The kernels of this
 * package are then loaded from files and are not part of a script. Bundlers that support
 * `new URL('…', import.meta.url)` emit the files. The returned record is plain JSON, so that a page can send it to a
 * worker.
 */
export const wasmFiles = (): WasmFiles => ({
  tfjsUrl: tfjsFile().href,
  kernelsUrl: {
    relaxed: new URL('../generated/relaxed.wasm', import.meta.url).href,
    simd: new URL('../generated/simd.wasm', import.meta.url).href,
  },
});
