import type { DataId, KernelBackend } from '@tensorflow/tfjs-core';

/** The members of tfjs's WebGL backend that this package uses. */
export interface WebglEngine extends KernelBackend {
  readonly gpgpu: { readonly gl: WebGL2RenderingContext };
  /** Compiled programs, by operation and shapes. */
  readonly binaryCache: Readonly<Record<string, unknown>>;
  readSync(dataId: DataId): Float32Array;
  read(dataId: DataId): Promise<Float32Array>;
  /** Runs a program. Every kernel that computes on the device calls this function. */
  runWebGLProgram(...args: unknown[]): unknown;
  uploadToGPU(dataId: DataId): void;
}
