import { collectRarely, FlowError, startRegistered, type BackendAdapter } from '@impflow/core';
import { backend, env } from '@tensorflow/tfjs-core';
import { install, uninstall } from './kernel.ts';
import { kernels } from './kernels/index.ts';
import type { WasmBackend } from './machine.ts';
import { chooseBuild, instantiate, type KernelSource, type SimdBuild } from './module.ts';
import { notStarted, tfjsFiles } from './tfjs-files.ts';

export interface WasmOptions {
  /**
   * Which build of our kernels: `relaxed` (fused multiply-add) or `simd`; `stock` runs TensorFlow.js as it comes. Default: the
   * fastest that the engine runs. The backend's capabilities say which.
   */
  readonly simd?: SimdBuild | 'stock';
  /** Where our .wasm files lie, by build; one alone is taken to be of the build that runs. Default: inlined, no request. */
  readonly kernelsUrl?: KernelSource;
  /**
   * Where the .wasm file of TensorFlow.js itself lies, `tfjs-backend-wasm-simd.wasm`. Default: Node finds it, and bundlers that know
   * `new URL('…', import.meta.url)` emit it. In a browser this takes the place of tfjs's `setWasmPaths`.
   */
  readonly tfjsUrl?: URL | string;
  /**
   * Whether V8, in Node, is told to let the heap of JavaScript objects grow to nine times what lives before it collects all: for a model
   * and its training some 150 MB. Full collections slow the training of small models on all cores, because the code of tfjs is compiled anew
   * after each (docs/decisions/012). Tensors lie outside this heap. The setting is the process's and stays. Default: true, unless `simd` is `stock`.
   */
  readonly collectRarely?: boolean;
}

/** TensorFlow.js in WebAssembly with SIMD kernels of our own: the embedded default. One thread; see data-parallel training for more. */
export const wasm = ({ simd, kernelsUrl, tfjsUrl, collectRarely: rarely = simd !== 'stock' }: WasmOptions = {}): BackendAdapter => ({
  name: 'wasm',
  isAvailable: async () => typeof WebAssembly === 'object',
  start: async () => {
    if (typeof WebAssembly !== 'object') {
      throw new FlowError('unsupported', 'backend-wasm/start', 'WebAssembly is not available here', { hint: 'Use the cpu backend.' });
    }
    const build = simd === 'stock' ? 'stock' : await chooseBuild(simd);
    const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
    const files = tfjsFiles(tfjsUrl);
    if (files !== undefined) setWasmPaths(files);
    // The threaded build of tfjs hangs where its code is minified, and its memory is shared, which ours is not.
    env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
    const started = await startRegistered('wasm', { capabilities: { precision: 32, syncRead: true, device: 'cpu', threads: 1, kernels: build } }).catch((cause: unknown) => {
      throw files === undefined ? cause : notStarted(files, cause);
    });
    if (build === 'stock') uninstall(kernels);
    else {
      const running = backend() as WasmBackend;
      install(kernels, running, await instantiate(build, running.wasm.asm.memory, kernelsUrl));
    }
    if (rarely) collectRarely();
    return started;
  },
});
