import { FlowError, inNode, problemOf } from '@impflow/core';
import type { InstructionSet, Kernel, NativeKernels } from '@impflow/kernels-native';
import type { KernelExports } from '#kernels';
import type { Compiled } from './module.ts';
import { firstDifference } from './native-check.ts';

export type { NativeKernels };

/** Which kernels a backend uses: see the option `kernels` of `wasm`. */
export type KernelChoice = 'auto' | 'native' | 'wasm' | { readonly isa: InstructionSet };

/** Number of the interface of the native kernels that this package calls. */
const INTERFACE = 3;

/** The native kernels that a backend uses, or the reason why it uses none. Both are absent if none are wanted. */
interface Chosen {
  readonly native?: NativeKernels;
  readonly reason?: string;
}

/**
 * Loads the native kernels if they are wanted. Compares their results with the kernels in WebAssembly, bit for bit.
 * `compiled` is the build `relaxed`. It is undefined for another build, because native kernels do not have its bits.
 * Takes some milliseconds.
 *
 * @throws `unsupported` if native kernels are demanded and do not run here.
 */
export const chooseNative = async (choice: KernelChoice, compiled: Compiled | undefined): Promise<Chosen> => {
  if (choice === 'wasm' || (choice === 'auto' && !inNode())) return {};
  try {
    if (compiled === undefined)
      throw refused('The kernels in WebAssembly are not the build relaxed, so their bits differ');
    if (!inNode()) throw refused('A page runs no native code');
    // The name is in a variable, so that bundlers for pages do not look for a package that runs only in Node.
    const name = '@impflow/kernels-native';
    const { nativeKernels } = (await import(/* @vite-ignore */ /* webpackIgnore: true */ name).catch(
      (cause: unknown) => {
        const missing = (cause as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND';
        throw refused(`The package ${name} ${missing ? 'is not installed' : 'does not load'}`, cause);
      },
    )) as typeof import('@impflow/kernels-native');
    const native = await nativeKernels(typeof choice === 'object' ? choice.isa : undefined);
    if ('refused' in native) throw refused(native.refused);
    if (native.interface !== INTERFACE)
      throw refused(`${name} is of another version: expected interface ${INTERFACE}, got ${native.interface}`);
    const different = firstDifference(compiled, native);
    if (different !== undefined) throw refused(`The native kernel ${different} does not have the bits of WebAssembly`);
    return { native };
  } catch (error) {
    if (choice !== 'auto') throw error;
    return { reason: problemOf(error) };
  }
};

const refused = (reason: string, cause?: unknown): FlowError =>
  new FlowError('unsupported', 'backend-wasm/native', reason, {
    ...(cause === undefined ? {} : { cause }),
    hint: 'Leave the option kernels out: the kernels in WebAssembly then run in their place.',
  });

/** The kernels on a memory. */
export interface Kernels {
  /** The native kernels, and the others in WebAssembly. */
  readonly call: KernelExports;
  /**
   * Runs `body`, whose native kernels then need few calls of the library: see `KernelsOnMemory`. Between two kernels,
   * `body` must not read or write the memory, and must not free any of it.
   */
  together(body: () => void): void;
}

/** Returns the kernels on a memory, given its kernels in WebAssembly. */
export const kernelsOn = (
  exports: KernelExports,
  native: NativeKernels | undefined,
  memory: WebAssembly.Memory,
): Kernels => {
  if (native === undefined) return { call: exports, together: (body) => body() };
  const { kernels, together, flush } = native.on(memory);
  // A kernel in WebAssembly runs after the native kernels that were called before it.
  const others = Object.fromEntries(
    Object.entries(exports as unknown as Readonly<Record<string, Kernel>>).map(([name, run]) => [
      name,
      (...args: number[]) => {
        flush();
        return run(...args);
      },
    ]),
  );
  return { call: Object.freeze({ ...others, ...kernels }) as unknown as KernelExports, together };
};
