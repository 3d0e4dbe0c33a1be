import type { KernelExports } from '#kernels';
import type { DataType, KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';

/** tfjs's wasm backend, as far as kernels on its memory need it. */
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

/** The kernels of one running backend, and what they work on. */
export interface Machine {
  readonly backend: WasmBackend;
  readonly call: KernelExports;
  /** Of the first element. Stays valid when the memory grows. */
  address(tensor: TensorInfo): number;
  /** A new tensor, its content undefined. Allocate before taking views: the memory may grow. */
  output(shape: readonly number[], dtype?: DataType): TensorInfo;
  /** Address of at least so many bytes, 16-byte aligned: free to use until the kernel returns. */
  scratch(bytes: number): number;
}

export const machineOn = (backend: WasmBackend, call: KernelExports): Machine => {
  let block = { address: 0, bytes: 0 };
  return Object.freeze<Machine>({
    backend, call,
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
