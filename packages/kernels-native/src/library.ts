/** Types of C that the library uses. `pointer`: an address in the process. */
export type CType = 'int32' | 'pointer';

/** A function of a library. Pointers are numbers or bigints, as {@link Library.pointerTo} returns them. */
export type CFunction = (...args: (number | bigint)[]) => number;

/** A loaded library of C functions. */
export interface Library {
  /** Returns a function. @throws if the library does not export it. */
  func(name: string, result: CType, parameters: readonly CType[]): CFunction;
  /** Returns the address of the first byte of a buffer. */
  pointerTo(buffer: ArrayBuffer): number | bigint;
}

/**
 * Loads a library, through `node:ffi` where Node has it, otherwise through koffi.
 *
 * @throws errors of the system, or of the import of koffi.
 */
export const loadLibrary = async (path: string): Promise<Library> => {
  const ffi = nodeFfi();
  return ffi === undefined ? throughKoffi(path) : throughNode(ffi, path);
};

/**
 * Returns `node:ffi`; undefined if Node does not have it. Node's warning that it is experimental is left out, because
 * koffi would take its place.
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

/** The part of `node:ffi` that is used here. Its types come with Node 26. */
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

/** The names of the types in koffi. */
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
