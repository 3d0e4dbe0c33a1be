import { EM } from './em-module.ts';
import { plainPass, type Pass } from './plain-pass.ts';

interface Kernel {
  /** Returns a memory of at least this many bytes and the function that works in it. */
  memory(bytes: number): { readonly buffer: ArrayBuffer; readonly pass: Pass };
}

/** Size of a page of WebAssembly, in bytes. */
const PAGE = 65_536;
/** A kernel with a larger memory is not kept for the next call, because the memory of WebAssembly never shrinks. */
const MOST_BYTES = 2 ** 26;

let compiled: WebAssembly.Module | undefined;
let kept: Kernel | undefined;

/** @throws an error of the platform if it has no WebAssembly with SIMD, or if its security policy forbids it. */
const newKernel = (): Kernel => {
  compiled ??= new WebAssembly.Module(Uint8Array.from(atob(EM), (letter) => letter.charCodeAt(0)));
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory, exp: Math.exp, log: Math.log } });
  return {
    memory: (bytes) => {
      const missing = bytes - memory.buffer.byteLength;
      if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
      return { buffer: memory.buffer, pass: exports.pass as Pass };
    },
  };
};

/** Returns a memory of at least this many bytes, in WebAssembly where it can be had. */
const memoryOf = (bytes: number): ReturnType<Kernel['memory']> => {
  try {
    const kernel = kept ?? newKernel();
    const loaded = kernel.memory(bytes);
    kept = loaded.buffer.byteLength > MOST_BYTES ? undefined : kernel;
    return loaded;
  } catch {
    const buffer = new ArrayBuffer(bytes);
    return { buffer, pass: plainPass(buffer) };
  }
};

/** Arrays in the memory of a kernel, by name, with their lengths. */
type Lengths = Readonly<Record<string, number>>;

/** The kernel, with arrays of the given lengths in its memory: float64 numbers in `reals`, int32 in `integers`. */
export interface Loaded<Reals extends Lengths, Integers extends Lengths> {
  readonly pass: Pass;
  readonly reals: { readonly [Name in keyof Reals]: Float64Array };
  readonly integers: { readonly [Name in keyof Integers]: Int32Array };
}

/**
 * Allocates arrays in the memory of the kernel. The content of the arrays is arbitrary. The next call may use the same
 * memory, so the arrays are valid only until then.
 */
export const load = <Reals extends Lengths, Integers extends Lengths>(
  reals: Reals,
  integers: Integers,
): Loaded<Reals, Integers> => {
  let at = 0;
  const placed = (lengths: Lengths, width: number): readonly (readonly [string, number, number])[] =>
    Object.entries(lengths).map(([name, length]) => {
      const begin = at;
      // Vectors of two numbers are loaded fastest from multiples of 64 bytes.
      at = Math.ceil((at + length * width) / 64) * 64;
      return [name, begin, length];
    });
  const [ofReals, ofIntegers] = [placed(reals, 8), placed(integers, 4)];
  const { buffer, pass } = memoryOf(at);
  return {
    pass,
    reals: Object.fromEntries(
      ofReals.map(([name, begin, length]) => [name, new Float64Array(buffer, begin, length)]),
    ) as Loaded<Reals, Integers>['reals'],
    integers: Object.fromEntries(
      ofIntegers.map(([name, begin, length]) => [name, new Int32Array(buffer, begin, length)]),
    ) as Loaded<Reals, Integers>['integers'],
  };
};
