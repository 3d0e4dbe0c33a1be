import type { DataId, KernelBackend } from '@tensorflow/tfjs-core';

/** tfjs's WebGL backend, as far as this package looks into it. */
export interface WebglEngine extends KernelBackend {
  readonly gpgpu: { readonly gl: WebGL2RenderingContext };
  /** Compiled programs by what they compute and the shapes they compute it for. */
  readonly binaryCache: Readonly<Record<string, unknown>>;
  readSync(dataId: DataId): Float32Array;
  read(dataId: DataId): Promise<Float32Array>;
  /** Runs a program: what every kernel that computes on the device goes through. */
  runWebGLProgram(...args: unknown[]): unknown;
  uploadToGPU(dataId: DataId): void;
}
