import type { DataId, DataType, KernelBackend } from '@tensorflow/tfjs-core';

/** A buffer of the device. */
interface DeviceBuffer {
  readonly size: number;
  readonly mapState: 'unmapped' | 'pending' | 'mapped';
  mapAsync(mode: number): Promise<void>;
  getMappedRange(): ArrayBuffer;
  destroy(): void;
}

/** The members of tfjs's WebGPU backend that this package uses. */
export interface WebgpuEngine extends KernelBackend {
  readonly device: {
    readonly lost: Promise<{ readonly message: string }>;
    destroy(): void;
    addEventListener(
      type: 'uncapturederror',
      listener: (event: { readonly error: { readonly message: string } }) => void,
    ): void;
    createBuffer(options: { readonly size: number; readonly usage: number }): DeviceBuffer;
  };
  /** Description of the device, if the browser reports one. */
  readonly adapterInfo?: { readonly vendor?: string; readonly architecture?: string };
  /** An entry for each tensor. The entry has the values of the tensor if they are also on the host. */
  readonly tensorMap: {
    get(dataId: DataId): { values?: unknown; readonly dtype: DataType; readonly resource?: DeviceBuffer };
  };
  /**
   * Encoder of the commands that have not been submitted. `ensureCommandEncoderReady` makes the encoder, and
   * `submitQueue` submits its commands and removes it.
   */
  readonly commandEncoder: {
    copyBufferToBuffer(from: DeviceBuffer, start: number, to: DeviceBuffer, at: number, size: number): void;
  } | null;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
  readSync(dataId: DataId): Float32Array;
  read(dataId: DataId): Promise<Float32Array>;
  /** Runs a program. Every kernel that computes on the device calls this function. */
  runWebGPUProgram(...args: unknown[]): unknown;
}
