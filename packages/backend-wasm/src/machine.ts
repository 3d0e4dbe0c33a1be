import type { DataType, KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';
import type { KernelExports } from '#kernels';
import type { Kernels } from './native.ts';

/** The members of tfjs's wasm backend that the kernels of this package use. */
export interface WasmBackend extends KernelBackend {
  readonly wasm: {
    readonly asm: { readonly memory: WebAssembly.Memory };
    _malloc(bytes: number): number;
    _free(address: number): void;
  };
  readonly dataIdMap: { get(dataId: object): { readonly memoryOffset: number } };
  makeOutput(shape: readonly number[], dtype: DataType): TensorInfo;
  typedArrayFromHeap(tensor: TensorInfo): Float32Array | Int32Array | Uint8Array;
}

/** A running backend with its compiled kernels and memory. */
export interface Machine {
  readonly backend: WasmBackend;
  /** The compiled kernels. */
  readonly call: KernelExports;
  /**
   * Runs `body`. The kernels that `body` calls may run after the call, but they have run when `together` returns: see
   * {@link Kernels}.
   */
  readonly together: Kernels['together'];
  /** Returns the address of the first element of a tensor. The address stays valid when the memory grows. */
  address(tensor: TensorInfo): number;
  /**
   * Returns a new tensor with undefined content. The memory may grow, so call this before taking views of the memory.
   */
  output(shape: readonly number[], dtype?: DataType): TensorInfo;
  /**
   * Returns the address of at least `bytes` bytes of scratch memory, aligned to 16 bytes. All calls return the same
   * memory. The memory is valid until the kernel returns.
   */
  scratch(bytes: number): number;
}

/** Makes the {@link Machine} of a backend. */
export const machineOn = (backend: WasmBackend, { call, together }: Kernels): Machine => {
  let block = { address: 0, bytes: 0 };
  return Object.freeze<Machine>({
    backend,
    call,
    together,
    address: ({ dataId }) => backend.dataIdMap.get(dataId).memoryOffset,
    output: (shape, dtype = 'float32') => backend.makeOutput(shape, dtype),
    scratch: (bytes) => {
      if (bytes > block.bytes) {
        if (block.bytes > 0) backend.wasm._free(block.address);
        block = { address: backend.wasm._malloc(bytes + 16) >>> 0, bytes };
      }
      return Math.ceil(block.address / 16) * 16;
    },
  });
};
