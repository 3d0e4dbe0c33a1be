import { KERNEL_NAMES, WITH_RESULT, type KernelName } from './kernel-names.ts';
import type { CFunction, Library } from './library.ts';

/** A kernel as a function. The arguments of a kernel are addresses in the memory, strides in bytes, and numbers. */
export type Kernel = (...args: number[]) => number;

/** The kernels on one memory. */
export interface KernelsOnMemory {
  /** The kernels by name. The functions stay valid when the memory of WebAssembly grows. */
  readonly kernels: Readonly<Record<KernelName, Kernel>>;
  /**
   * Runs `body`. The kernels that `body` calls run later, but in order and before `together` returns. So a whole net
   * needs one call of the library, instead of one call for each layer. A kernel that returns a number runs immediately,
   * after all kernels that were called before it. Between two kernels, `body` must not read, write or free the memory.
   */
  together(body: () => void): void;
  /** Runs the kernels that were called but have not run. */
  flush(): void;
}

/** Count of the numbers in a command of native/calls.h: the index of the kernel, and its arguments. */
const SLOTS = 17;
/** Largest number of commands that are collected before they run. */
const COMMANDS = 512;

/** Makes the kernels on a memory. `run` is the function of the library that runs a list of commands. */
export const kernelsOn = (memory: WebAssembly.Memory, run: CFunction, { pointerTo }: Library): KernelsOnMemory => {
  const commands = new Float64Array(new ArrayBuffer(8 * SLOTS * COMMANDS));
  const commandsAt = pointerTo(commands.buffer);
  let { buffer } = memory;
  let start = pointerTo(buffer);
  let waiting = 0;
  let isTogether = false;
  const flush = (): number => {
    if (waiting === 0) return 0;
    if (memory.buffer !== buffer) {
      ({ buffer } = memory);
      start = pointerTo(buffer);
    }
    const count = waiting;
    waiting = 0;
    return run(start, commandsAt, count);
  };
  const kernel =
    (number: number, hasResult: boolean): Kernel =>
    // Sixteen separate parameters are much faster than an array of arguments.
    (
      a = 0,
      b = 0,
      c = 0,
      d = 0,
      e = 0,
      f = 0,
      g = 0,
      h = 0,
      i = 0,
      j = 0,
      k = 0,
      l = 0,
      m = 0,
      n = 0,
      o = 0,
      p = 0,
    ) => {
      if (waiting === COMMANDS) flush();
      const at = SLOTS * waiting++;
      commands[at] = number;
      commands[at + 1] = a;
      commands[at + 2] = b;
      commands[at + 3] = c;
      commands[at + 4] = d;
      commands[at + 5] = e;
      commands[at + 6] = f;
      commands[at + 7] = g;
      commands[at + 8] = h;
      commands[at + 9] = i;
      commands[at + 10] = j;
      commands[at + 11] = k;
      commands[at + 12] = l;
      commands[at + 13] = m;
      commands[at + 14] = n;
      commands[at + 15] = o;
      commands[at + 16] = p;
      return isTogether && !hasResult ? 0 : flush();
    };
  return {
    kernels: Object.fromEntries(
      KERNEL_NAMES.map((name, number) => [name, kernel(number, WITH_RESULT.has(name))]),
    ) as Readonly<Record<KernelName, Kernel>>,
    together: (body) => {
      isTogether = true;
      try {
        body();
      } finally {
        isTogether = false;
        flush();
      }
    },
    flush: () => void flush(),
  };
};
