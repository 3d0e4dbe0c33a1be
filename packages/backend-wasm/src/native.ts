import { FlowError, inNode, problemOf } from '@impflow/core';
import type { InstructionSet, Kernel, NativeKernels } from '@impflow/kernels-native';
import type { KernelExports } from '#kernels';
import type { Compiled } from './module.ts';
import { firstDifference } from './native-check.ts';

export type { NativeKernels };

/** Which kernels a backend uses: see the option `kernels` of `wasm`. */
export type KernelChoice = 'auto' | 'native' | 'wasm' | { readonly isa: InstructionSet };

/** Version number of the interface of the native kernels that this package calls. */
const INTERFACE = 3;

/**
 * The native kernels that a backend uses, or the reason why it does not use native kernels. `native` and `reason` are
 * absent with `kernels: 'wasm'`, and in a page with `auto`.
 */
interface Chosen {
  readonly native?: NativeKernels;
  readonly reason?: string;
}

/**
 * Loads the native kernels, unless `choice` is `wasm`, or is `auto` in a page. Compares the results of the native
 * kernels with the results of the kernels in WebAssembly, bit for bit. `compiled` is the build `relaxed`; pass
 * undefined for another build, because the results of native kernels are bit-identical only to the build `relaxed`.
 * Takes some milliseconds.
 *
 * @throws `unsupported` if the option `kernels` requires native kernels and they do not run on this machine.
 */
export const chooseNative = async (choice: KernelChoice, compiled: Compiled | undefined): Promise<Chosen> => {
  if (choice === 'wasm' || (choice === 'auto' && !inNode())) return {};
  try {
    if (compiled === undefined)
      throw refused('Native kernels are bit-identical only to the build relaxed, and another build runs');
    if (!inNode()) throw refused('Native kernels do not run in a page');
    // The name of the package is in a variable, so that bundlers for pages do not search for a package that runs only
    // in Node.
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
      throw refused(`The version of ${name} does not match: expected interface ${INTERFACE}, got ${native.interface}`);
    const different = firstDifference(compiled, native);
    if (different !== undefined) throw refused(`The results of the native kernel ${different} differ from WebAssembly`);
    return { native };
  } catch (error) {
    if (choice !== 'auto') throw error;
    return { reason: problemOf(error) };
  }
};

const refused = (reason: string, cause?: unknown): FlowError =>
  new FlowError('unsupported', 'backend-wasm/native', reason, {
    ...(cause === undefined ? {} : { cause }),
    hint: 'Leave the option kernels out, so that the kernels in WebAssembly run instead.',
  });

/** The kernels that compute on the memory of one backend. */
export interface Kernels {
  /** All kernels by name: the native kernel if it exists, otherwise the kernel in WebAssembly. */
  readonly call: KernelExports;
  /**
   * Runs `body`. The native kernels that `body` calls are collected, and executed with few calls of the library: see
   * `KernelsOnMemory`. Between two kernels, `body` must not read, write or free memory of the backend.
   */
  together(body: () => void): void;
}

/** Returns the kernels on `memory`. `exports` are the kernels in WebAssembly on this memory. */
export const kernelsOn = (
  exports: KernelExports,
  native: NativeKernels | undefined,
  memory: WebAssembly.Memory,
): Kernels => {
  if (native === undefined) return { call: exports, together: (body) => body() };
  const { kernels, together, flush } = native.on(memory);
  // Before a kernel in WebAssembly runs, run the native kernels that were called earlier.
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
