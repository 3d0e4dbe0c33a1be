import { kernelsOn, type KernelsOnMemory } from './command-list.ts';
import { INTERFACE } from './kernel-names.ts';
import { loadLibrary, type Library } from './library.ts';

/** Sets of instructions that the kernels are compiled for, in order of decreasing speed. */
const SETS = ['avx512', 'avx2', 'neon'] as const;
/** A set of instructions: AVX-512 (F, DQ, BW, VL), AVX2 with FMA, or NEON. */
export type InstructionSet = (typeof SETS)[number];

/** For each set of instructions, the function of the library that returns whether this processor runs the set. */
const RUNS: Readonly<Record<InstructionSet, string>> = { avx512: 'runsAvx512', avx2: 'runsAvx2', neon: 'runsNeon' };

/** The native kernels that are compiled for one set of CPU instructions. */
export interface NativeKernels {
  /** The set of instructions. */
  readonly set: InstructionSet;
  /** Version number of the interface. The number changes with the list of kernels and their arguments. */
  readonly interface: number;
  /**
   * Returns the kernels on a memory of WebAssembly. The native kernels have the names and arguments of the kernels in
   * `@impflow/backend-wasm`, and return bit-identical results.
   */
  on(memory: WebAssembly.Memory): KernelsOnMemory;
}

/** The result if the native kernels cannot be used. */
export interface Refusal {
  /** The reason why the native kernels cannot be used, as a sentence without a full stop. */
  readonly refused: string;
}

/**
 * Loads the kernels from a library, or returns why they cannot be used: the file is not a library for this platform,
 * has another version of the interface, or has no kernels that this processor runs. `set` is the set of instructions;
 * default: the fastest set that this processor runs.
 */
export const openKernels = async (path: string, set?: InstructionSet): Promise<NativeKernels | Refusal> => {
  const library = await loadLibrary(path).catch((cause: unknown) => String(cause));
  if (typeof library === 'string') return { refused: `The library does not load: ${library}` };
  const found = numberOf(library, 'kernelsInterface');
  if (found !== INTERFACE) {
    return {
      refused: `The library belongs to another version: expected interface ${INTERFACE}, got ${found ?? 'none'}`,
    };
  }
  const runs = SETS.filter((each) => numberOf(library, RUNS[each]) === 1);
  const chosen = set === undefined ? runs[0] : runs.find((each) => each === set);
  if (chosen === undefined) {
    const expected = set ?? 'AVX2 with FMA, or NEON';
    return {
      refused: `This processor does not run ${expected}${runs.length === 0 ? '' : `; it runs ${runs.join(' and ')}`}`,
    };
  }
  const run = library.func(`${chosen}_run`, 'int32', ['pointer', 'pointer', 'int32']);
  return { set: chosen, interface: INTERFACE, on: (memory) => kernelsOn(memory, run, library) };
};

/** Calls a function of the library without arguments. Returns undefined if the library does not have the function. */
const numberOf = (library: Library, name: string): number | undefined => {
  try {
    return library.func(name, 'int32', [])();
  } catch {
    return undefined;
  }
};
