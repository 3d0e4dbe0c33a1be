import { setFlagsFromString } from 'node:v8';
import { nativeKernels, type InstructionSet } from '@impflow/kernels-native';
import { describe, expect, it } from 'vitest';
import { CASE_NAMES, comparison } from './difference.ts';

/** Number of random cases of each kernel. */
const COUNT = 120;

// Node 20 has relaxed SIMD behind a flag, and later versions have no such flag.
if (process.versions.node.startsWith('20.')) setFlagsFromString('--experimental-wasm-relaxed-simd');
const { memory, difference } = await comparison();

const SETS = ['avx512', 'avx2', 'neon'] as const satisfies readonly InstructionSet[];
/** The kernels of each set of instructions. Undefined if this processor lacks the set, or the library was not built. */
const loaded = Object.fromEntries(
  await Promise.all(
    SETS.map(async (set) => {
      const native = await nativeKernels(set);
      return [set, 'refused' in native ? undefined : native.on(memory).kernels] as const;
    }),
  ),
);

describe.each(SETS)('native kernels for %s return results that are bit-identical to WebAssembly', (set) => {
  const native = loaded[set]!;
  it.runIf(native !== undefined).each(CASE_NAMES)('%s', (name) => {
    expect(difference(native, name, COUNT)).toBeUndefined();
  });
});
