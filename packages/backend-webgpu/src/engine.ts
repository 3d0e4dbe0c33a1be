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
  /** Description of the device, where the browser reports one. */
  readonly adapterInfo?: { readonly vendor?: string; readonly architecture?: string };
  /** Entry of each tensor, with its values where they are also on the host. */
  readonly tensorMap: { get(dataId: DataId): { readonly values?: unknown } };
  readSync(dataId: DataId): Float32Array;
  read(dataId: DataId): Promise<Float32Array>;
  /** Runs a program. Every kernel that computes on the device calls it. */
  runWebGPUProgram(...args: unknown[]): unknown;
}
