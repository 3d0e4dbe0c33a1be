import { readFileSync } from 'node:fs';
import { fold, key } from '@impflow/core';
import type { Kernel, KernelName } from '@impflow/kernels-native';
import { CASES, drawOf, packed, type Draw } from './cases.ts';

/** Sizes in floats: the whole memory, the part for outputs, and the part for scratch memory. */
const [ALL, OUTPUTS, SCRATCH] = [1 << 24, 1 << 21, 1 << 20];
/** Number of floats after each output that kernels must not change. */
const GUARD = 20;

type Kernels = Readonly<Record<KernelName, Kernel>>;

/** The memory of the test cases, and a function that compares native kernels with the kernels in WebAssembly. */
export interface Comparison {
  readonly memory: WebAssembly.Memory;
  /**
   * Runs `count` random cases in a native kernel and in WebAssembly. Returns a description of the first number that
   * differs, or undefined if all bits are equal. All NaN count as equal, because the bits of a NaN depend on the
   * processor.
   */
  difference(native: Kernels, name: CaseName, count: number): string | undefined;
}

/** Name of a case: a kernel, or the three kernels of a product with a packed matrix. */
export type CaseName = keyof typeof CASES | 'gemmPacked';
/** Names of all cases. */
export const CASE_NAMES = [...Object.keys(CASES), 'gemmPacked'] as readonly CaseName[];

/** Instantiates the kernels in WebAssembly for comparisons. */
export const comparison = async (): Promise<Comparison> => {
  const memory = new WebAssembly.Memory({ initial: (4 * ALL) >> 16 });
  const [floats, bits] = [new Float32Array(memory.buffer), new Int32Array(memory.buffer)];
  const file = readFileSync(new URL('../../backend-wasm/generated/relaxed.wasm', import.meta.url));
  const { instance } = await WebAssembly.instantiate(file, { env: { memory } });
  const wasm = instance.exports as unknown as Kernels;

  /** Runs the native kernel and the kernel in WebAssembly on the same inputs, with separate outputs. */
  const inOneCase = (native: Kernels, name: CaseName, index: number): string | undefined => {
    const draw = drawOf(fold(key(index), name.length), floats, 2 * OUTPUTS + SCRATCH);
    const { outputs, run } = caseOf(name, draw);
    const sizes = outputs.map((size) => size + GUARD);
    const content = draw.numbers(sizes.reduce((sum, size) => sum + size, 0)) / 4;
    const places = [wasm, native].map((kernels, i) => {
      let at = i * OUTPUTS + SCRATCH;
      let from = content;
      const starts = sizes.map((size) => {
        floats.copyWithin(at, from, from + size);
        from += size;
        at += size;
        return at - size;
      });
      run(
        kernels,
        starts.map((start) => 4 * start),
      );
      return starts;
    });
    for (const [i, size] of sizes.entries()) {
      const [expected, found] = places.map((starts) => starts[i]!) as [number, number];
      for (let k = 0; k < size; k++) {
        if (bits[expected + k] === bits[found + k]) continue;
        if (Number.isNaN(floats[expected + k]) && Number.isNaN(floats[found + k])) continue;
        return `case ${index}, output ${i}, number ${k}: wasm ${floats[expected + k]}, native ${floats[found + k]}`;
      }
    }
    return undefined;
  };
  return {
    memory,
    difference: (native, name, count) => {
      for (let index = 0; index < count; index++) {
        const found = inOneCase(native, name, index);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
};

const caseOf = (name: CaseName, draw: Draw) => {
  if (name !== 'gemmPacked') {
    const { outputs, args } = CASES[name](draw);
    return { outputs, run: (kernels: Kernels, at: readonly number[]) => void kernels[name](...args(at), 0) };
  }
  const { size, pack, outputs, args } = packed(draw);
  return {
    outputs,
    run: (kernels: Kernels, at: readonly number[]) => {
      const matrix = draw.numbers(kernels.packedBytes(...size) / 4);
      kernels.packB(...pack(matrix));
      kernels.gemmPacked(...args(matrix, at[0]!, 0));
    },
  };
};
