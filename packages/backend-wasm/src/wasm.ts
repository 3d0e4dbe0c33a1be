import { collectRarely, FlowError, startRegistered, type BackendAdapter } from '@impflow/core';
import { backend, env } from '@tensorflow/tfjs-core';
import { install, uninstall } from './kernel.ts';
import { kernels } from './kernels/index.ts';
import type { WasmBackend } from './machine.ts';
import { chooseBuild, instantiate, type KernelSource, type SimdBuild } from './module.ts';
import { notStarted, tfjsFiles } from './tfjs-files.ts';

/** Options of {@link wasm}. */
export interface WasmOptions {
  /**
   * Build of this package's kernels: `relaxed` (fused multiply-add) or `simd`; `stock` uses only the kernels of
   * TensorFlow.js. Default: the fastest build that the engine runs. `capabilities.kernels` of the backend names the
   * build.
   */
  readonly simd?: SimdBuild | 'stock';
  /**
   * URLs of the .wasm files of this package's kernels, by build, or one URL for the build in use. Default: the kernels
   * are inlined in the package and need no request.
   */
  readonly kernelsUrl?: KernelSource;
  /**
   * URL of the .wasm file of TensorFlow.js itself, `tfjs-backend-wasm-simd.wasm`. It replaces tfjs's `setWasmPaths` in
   * a browser. Default: Node finds the file, and bundlers that support `new URL('…', import.meta.url)` emit the copy
   * in this package.
   */
  readonly tfjsUrl?: URL | string;
  /**
   * Whether full garbage collections are made rare in Node. The heap of JavaScript objects may then grow to nine times
   * the size of the live objects, to some 150 MB for a model and its training. After each full collection the code of
   * tfjs is compiled again, which slows the training of small models on all cores (docs/decisions/012). Tensors are
   * outside this heap. The setting applies to the whole process and stays after `dispose`. Default: true, unless `simd`
   * is `stock`.
   */
  readonly collectRarely?: boolean;
}

/**
 * Adapter of TensorFlow.js in WebAssembly with the SIMD kernels of this package, the default backend. It uses one
 * thread. With `dataParallel` of package training several threads are used.
 */
export const wasm = ({
  simd,
  kernelsUrl,
  tfjsUrl,
  collectRarely: rarely = simd !== 'stock',
}: WasmOptions = {}): BackendAdapter => ({
  name: 'wasm',
  isAvailable: async () => typeof WebAssembly === 'object',
  start: async () => {
    if (typeof WebAssembly !== 'object') {
      throw new FlowError('unsupported', 'backend-wasm/start', 'WebAssembly is not available here', {
        hint: 'Use the cpu backend.',
      });
    }
    const build = simd === 'stock' ? 'stock' : await chooseBuild(simd);
    const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
    const files = tfjsFiles(tfjsUrl);
    if (files !== undefined) setWasmPaths(files);
    // The threaded build of tfjs hangs when minified. Its memory is shared, and the kernels of this package do not
    // support shared memory.
    env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
    const started = await startRegistered('wasm', {
      capabilities: { precision: 32, syncRead: true, device: 'cpu', threads: 1, kernels: build },
    }).catch((cause: unknown) => {
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
