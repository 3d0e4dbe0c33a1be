import { FlowError } from '@impflow/core';
import { relaxed, simd, type KernelExports } from '#kernels';

/** Which build of the kernels: with fused multiply-add, or without. Results differ in their last bits. */
export type SimdBuild = 'relaxed' | 'simd';

/** Where a build comes from: inlined in this package, or fetched from a URL. */
export type KernelSource = URL | string;

/** A function with one `f32x4.relaxed_madd`, and one with one `f32x4.add`: what the engine must accept. */
const PROBES: Readonly<Record<SimdBuild, readonly number[]>> = {
  relaxed: [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0, 65, 0, 253, 15, 65, 0, 253, 15, 65, 0, 253, 15, 253, 133, 2, 11],
  simd: [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 0, 253, 15, 65, 0, 253, 15, 253, 228, 1, 11],
};

/** Whether this engine runs a build. Node 20 has relaxed SIMD behind a flag, which can be set until a module that needs it is met. */
export const supports = async (build: SimdBuild): Promise<boolean> => {
  const probe = Uint8Array.from(PROBES[build]);
  if (WebAssembly.validate(probe)) return true;
  if (build === 'simd' || typeof process === 'undefined' || process.versions?.node === undefined) return false;
  const v8 = await import(/* @vite-ignore */ 'node:v8');
  v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
  return WebAssembly.validate(probe);
};

/** @throws `unsupported` where the engine does not run the wanted build. */
export const chooseBuild = async (wanted: SimdBuild | undefined): Promise<SimdBuild> => {
  const builds: readonly SimdBuild[] = wanted === undefined ? ['relaxed', 'simd'] : [wanted];
  for (const build of builds) if (await supports(build)) return build;
  throw new FlowError('unsupported', 'backend-wasm/start', `This engine lacks ${wanted === 'relaxed' ? 'relaxed SIMD' : 'SIMD'} for WebAssembly`, {
    hint: wanted === 'relaxed' ? 'Leave the option simd out, or choose "simd".' : 'Choose simd: "stock" for the kernels of TensorFlow.js alone, or the cpu backend.',
  });
};

/** The kernels on a memory. @throws `input` where the URL gives no module. */
export const instantiate = async (build: SimdBuild, memory: WebAssembly.Memory, source?: KernelSource): Promise<KernelExports> => {
  const bytes = source === undefined ? inlined(build) : await fetched(source);
  const { instance } = await WebAssembly.instantiate(bytes as BufferSource, { env: { memory } });
  return instance.exports as unknown as KernelExports;
};

const inlined = (build: SimdBuild): Uint8Array => Uint8Array.from(atob(build === 'relaxed' ? relaxed : simd), (letter) => letter.charCodeAt(0));

const fetched = async (source: KernelSource): Promise<ArrayBuffer> => {
  const response = await fetch(source);
  if (response.ok) return response.arrayBuffer();
  throw new FlowError('input', 'backend-wasm/start', `No kernels at ${String(source)}`, { expected: 'a .wasm file of this package', got: `HTTP ${response.status}`, hint: 'Serve the file from generated/, or leave kernelsUrl out: the kernels are inlined.' });
};
