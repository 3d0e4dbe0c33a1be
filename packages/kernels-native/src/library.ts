/** The C types of arguments and results of the library's functions. `pointer` is an address in the process. */
export type CType = 'int32' | 'pointer';

/** A function of a library. Pointers are numbers or bigints, as {@link Library.pointerTo} returns them. */
export type CFunction = (...args: (number | bigint)[]) => number;

/** A loaded library of C functions. */
export interface Library {
  /** Returns a function of the library by name. @throws if the library does not export the function. */
  func(name: string, result: CType, parameters: readonly CType[]): CFunction;
  /** Returns the address of the first byte of a buffer. */
  pointerTo(buffer: ArrayBuffer): number | bigint;
}

/**
 * Loads a library through `node:ffi` if Node has this module, otherwise through koffi.
 *
 * @throws errors of the system, or of the import of koffi.
 */
export const loadLibrary = async (path: string): Promise<Library> => {
  const ffi = nodeFfi();
  return ffi === undefined ? throughKoffi(path) : throughNode(ffi, path);
};

/**
 * Returns the module `node:ffi`, or undefined if Node does not have it. Suppresses the warning that the module is
 * experimental, because koffi is used where the module is missing.
 */
const nodeFfi = (): NodeFfi | undefined => {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return process.getBuiltinModule('node:ffi' as 'node:os') as unknown as NodeFfi | undefined;
  } finally {
    process.emitWarning = emitWarning;
  }
};

/** The functions of `node:ffi` that this package uses. Types for `node:ffi` exist only for Node 26. */
interface NodeFfi {
  dlopen(
    path: string,
    functions: object,
  ): {
    readonly lib: {
      getFunction(name: string, type: { readonly return: CType; readonly arguments: readonly CType[] }): CFunction;
    };
  };
  getRawPointer(buffer: ArrayBuffer): bigint;
}

const throughNode = (ffi: NodeFfi, path: string): Library => {
  const { lib } = ffi.dlopen(path, {});
  return {
    func: (name, result, parameters) => lib.getFunction(name, { return: result, arguments: parameters }),
    pointerTo: (buffer) => ffi.getRawPointer(buffer),
  };
};

/** Names of the C types in koffi. */
const IN_KOFFI: Readonly<Record<CType, string>> = { int32: 'int32_t', pointer: 'uintptr_t' };

const throughKoffi = async (path: string): Promise<Library> => {
  const { default: koffi } = await import('koffi');
  const library = koffi.load(path);
  return {
    func: (name, result, parameters) =>
      library.func(
        name,
        IN_KOFFI[result],
        parameters.map((type) => IN_KOFFI[type]),
      ) as unknown as CFunction,
    // A pointer fits into 48 bits, and numbers are faster than bigints.
    pointerTo: (buffer) => Number(koffi.address(new Uint8Array(buffer))),
  };
};
