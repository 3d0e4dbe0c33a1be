import { collectRarely, FlowError, startRegistered, type BackendAdapter } from '@impflow/core';
import { backend, env } from '@tensorflow/tfjs-core';
import { install, uninstall } from './kernel.ts';
import { kernels } from './kernels/index.ts';
import type { WasmBackend } from './machine.ts';
import { chooseBuild, compile, type KernelSource, type SimdBuild } from './module.ts';
import { chooseNative, type KernelChoice } from './native.ts';
import { notStarted, tfjsFiles } from './tfjs-files.ts';

/** Options of {@link wasm}. */
export interface WasmOptions {
  /**
   * Build of this package's kernels: `relaxed` (with fused multiply-add) or `simd` (without it). `stock` uses only the
   * kernels of TensorFlow.js. Default: the fastest build that the engine runs. `capabilities.kernels` of the backend
   * names the build, or the set of instructions of the native kernels.
   */
  readonly simd?: SimdBuild | 'stock';
  /**
   * Whether the kernels of `@impflow/kernels-native` replace the kernels in WebAssembly. The native kernels return
   * bit-identical results in less time. `auto`: the native kernels are used if the package is installed, if they run on
   * this machine, and if `simd` is left out. `native`: `start` throws if the native kernels cannot be used. `{ isa }`:
   * like `native`, with this set of instructions. `wasm`: the native kernels are not used. `capabilities.kernels` of
   * the backend names the set of instructions. `capabilities.withoutNative` is the reason why no native kernels run.
   * Default: `auto`.
   */
  readonly kernels?: KernelChoice;
  /**
   * URLs of the .wasm files of this package's kernels, by build, or one URL of the build that runs. Default: the
   * kernels are inlined in the package and need no request.
   */
  readonly kernelsUrl?: KernelSource;
  /**
   * URL of the .wasm file of TensorFlow.js itself, `tfjs-backend-wasm-simd.wasm`. The option replaces tfjs's
   * `setWasmPaths` in a browser. Default: in Node, TensorFlow.js finds its own file. Elsewhere, the URL of the copy in
   * this package. Bundlers that support `new URL('…', import.meta.url)` add this copy to their output.
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
 * Adapter of TensorFlow.js in WebAssembly with the SIMD kernels of this package, the default backend. The backend uses
 * one thread. `dataParallel` of package training runs a training on several threads, with one backend per thread.
 */
export const wasm = ({
  simd,
  kernels: choice = 'auto',
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
    // The threaded build of tfjs is not used: it hangs when minified, and its memory is shared, which the kernels of
    // this package do not support.
    env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
    const compiled = build === 'stock' ? undefined : await compile(build, kernelsUrl);
    // The option `simd` chooses a build of the kernels in WebAssembly. If `simd` is given, `auto` therefore means
    // `wasm`.
    const wanted = choice === 'auto' && simd !== undefined ? 'wasm' : choice;
    const { native, reason } = await chooseNative(wanted, build === 'relaxed' ? compiled : undefined);
    const started = await startRegistered('wasm', {
      capabilities: {
        precision: 32,
        syncRead: true,
        device: 'cpu',
        threads: 1,
        kernels: native?.set ?? build,
        ...(reason === undefined ? {} : { withoutNative: reason }),
      },
    }).catch((cause: unknown) => {
      throw files === undefined ? cause : notStarted(files, cause);
    });
    if (compiled === undefined) uninstall(kernels);
    else install(kernels, backend() as WasmBackend, compiled.module, native);
    if (rarely) collectRarely();
    return started;
  },
});
