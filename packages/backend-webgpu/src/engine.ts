import type { DataId, KernelBackend } from '@tensorflow/tfjs-core';

/** tfjs's WebGPU backend, as far as this package looks into it. */
export interface WebgpuEngine extends KernelBackend {
  readonly device: {
    readonly lost: Promise<{ readonly message: string }>;
    destroy(): void;
    addEventListener(type: 'uncapturederror', listener: (event: { readonly error: { readonly message: string } }) => void): void;
  };
  /** As far as the browser tells. */
  readonly adapterInfo?: { readonly vendor?: string; readonly architecture?: string };
  /** Of a tensor: its numbers, where they are on the host as well. */
  readonly tensorMap: { get(dataId: DataId): { readonly values?: unknown } };
  readSync(dataId: DataId): Float32Array;
  read(dataId: DataId): Promise<Float32Array>;
  /** Runs a program: what every kernel that computes on the device goes through. */
  runWebGPUProgram(...args: unknown[]): unknown;
}
