import type { DataId, KernelBackend } from '@tensorflow/tfjs-core';

/** The part of tfjs's WebGPU backend that this package uses. */
export interface WebgpuEngine extends KernelBackend {
  readonly device: {
    readonly lost: Promise<{ readonly message: string }>;
    destroy(): void;
    addEventListener(
      type: 'uncapturederror',
      listener: (event: { readonly error: { readonly message: string } }) => void,
    ): void;
  };
  /** Description of the device, if the browser reports one. */
  readonly adapterInfo?: { readonly vendor?: string; readonly architecture?: string };
  /** An entry for each tensor. It has the values of the tensor if they are also on the host. */
  readonly tensorMap: { get(dataId: DataId): { readonly values?: unknown } };
  readSync(dataId: DataId): Float32Array;
  read(dataId: DataId): Promise<Float32Array>;
  /** Runs a program. Every kernel that computes on the device calls this function. */
  runWebGPUProgram(...args: unknown[]): unknown;
}
