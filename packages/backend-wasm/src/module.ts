import { FlowError, inNode } from '@impflow/core';
import type { KernelExports } from '#kernels';

/**
 * Build of the kernels: with fused multiply-add (`relaxed`) or without (`simd`). Results of the two builds differ in
 * their last bits.
 */
export type SimdBuild = 'relaxed' | 'simd';

/** One URL for each build, because not every engine runs every build; or a single URL, if it is known which build this engine runs. */
export type KernelSource = URL | string | Readonly<Record<SimdBuild, URL | string>>;

/**
 * For each build, a small module that only engines that run the build accept. The module has one function, with the
 * instruction `f32x4.relaxed_madd` or `f32x4.add`.
 */
const PROBES: Readonly<Record<SimdBuild, readonly number[]>> = {
  relaxed: [
    0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0, 65, 0, 253, 15, 65, 0, 253, 15,
    65, 0, 253, 15, 253, 133, 2, 11,
  ],
  simd: [
    0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 0, 253, 15, 65, 0, 253, 15,
    253, 228, 1, 11,
  ],
};

/**
 * Returns whether this engine runs a build. In Node 20 relaxed SIMD needs a flag. This function sets the flag before
 * the module is compiled.
 */
export const supports = async (build: SimdBuild): Promise<boolean> => {
  const probe = Uint8Array.from(PROBES[build]);
  if (WebAssembly.validate(probe)) return true;
  if (build === 'simd' || !inNode()) return false;
  process.getBuiltinModule('node:v8').setFlagsFromString('--experimental-wasm-relaxed-simd');
  return WebAssembly.validate(probe);
};

/**
 * Returns `wanted`, or by default the fastest build that the engine runs.
 *
 * @throws `unsupported` if the engine lacks the build.
 */
export const chooseBuild = async (wanted: SimdBuild | undefined): Promise<SimdBuild> => {
  const builds: readonly SimdBuild[] = wanted === undefined ? ['relaxed', 'simd'] : [wanted];
  for (const build of builds) if (await supports(build)) return build;
  throw new FlowError(
    'unsupported',
    'backend-wasm/start',
    `This engine lacks ${wanted === 'relaxed' ? 'relaxed SIMD' : 'SIMD'} for WebAssembly`,
    {
      hint:
        wanted === 'relaxed'
          ? 'Leave the option simd out, or choose "simd".'
          : 'Choose simd: "stock" to use only the kernels of TensorFlow.js, or the cpu backend.',
    },
  );
};

/** A compiled module of the kernels, with an instance on separate memory that no backend uses. */
export interface Compiled {
  readonly module: WebAssembly.Module;
  readonly exports: KernelExports;
  readonly memory: WebAssembly.Memory;
}

/** Compiles the kernels. @throws `input` if the file at the URL is not a module of the build. */
export const compile = async (build: SimdBuild, source?: KernelSource): Promise<Compiled> => {
  if (source === undefined) return compiled(await inlined(build));
  const url = String(typeof source === 'string' || source instanceof URL ? source : source[build]);
  const bytes = await fetched(url);
  return compiled(bytes).catch((cause: unknown) => {
    throw new FlowError('input', 'backend-wasm/start', `The file at ${url} does not run here`, {
      expected: `the ${build} build of this version`,
      got: String(cause),
      cause,
      hint: 'Give kernelsUrl one URL for each build: { relaxed, simd }.',
    });
  });
};

const compiled = async (bytes: BufferSource): Promise<Compiled> => {
  const memory = new WebAssembly.Memory({ initial: OWN_PAGES });
  const { module, instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
  return { module, exports: exportsOf(instance), memory };
};

/**
 * Size of the memory of a {@link Compiled}, in pages of 64 KiB. The operating system allocates a page only at the first
 * use of the page.
 */
const OWN_PAGES = 16;

const exportsOf = (instance: WebAssembly.Instance): KernelExports => instance.exports as unknown as KernelExports;

/**
 * Instantiates the kernels on the memory of a backend, synchronously.
 *
 * @throws `unsupported` if the memory is shared, as in the threaded build of tfjs.
 */
export const instantiate = (module: WebAssembly.Module, memory: WebAssembly.Memory): KernelExports => {
  try {
    return exportsOf(new WebAssembly.Instance(module, { env: { memory } }));
  } catch (cause) {
    throw new FlowError('unsupported', 'backend-wasm/kernel', 'The kernels do not run on the memory of this backend', {
      got: String(cause),
      cause,
      hint: 'Start the backend by wasm().start() instead of setBackend.',
    });
  }
};

/**
 * The kernels that are inlined in the package. The inlined kernels are imported only when needed, so that programs with
 * a `kernelsUrl` do not load them.
 */
const inlined = async (build: SimdBuild): Promise<Uint8Array<ArrayBuffer>> =>
  Uint8Array.from(atob((await import('#kernels'))[build]), (letter) => letter.charCodeAt(0));

const fetched = async (url: string): Promise<ArrayBuffer> => {
  const response = await fetch(url).catch((cause: unknown) => noKernels(url, String(cause)));
  return response.ok ? response.arrayBuffer() : noKernels(url, `HTTP ${response.status}`);
};

const noKernels = (url: string, got: string): never => {
  throw new FlowError('input', 'backend-wasm/start', `No kernels at ${url}`, {
    expected: 'a .wasm file of this package',
    got,
    hint: 'Serve the file from generated/, or leave kernelsUrl out: the kernels are inlined.',
  });
};
