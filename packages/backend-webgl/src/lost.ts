import { FlowError } from '@impflow/core';
import type { WebglEngine } from './engine.ts';

/**
 * Makes operations and read-backs throw `unsupported` after the browser has lost the WebGL context. Without this, tfjs
 * would compute zeros or fail with unrelated errors.
 */
export const tellWhenLost = (backend: WebglEngine): void => {
  const { canvas } = backend.gpgpu.gl;
  canvas.addEventListener(
    'webglcontextlost',
    () => {
      const fail = (): never => {
        throw new FlowError(
          'unsupported',
          'backend-webgl',
          'The browser took the WebGL context away, and with it all tensors on it',
          {
            hint: 'Dispose the backend, start it again (or another), and load the last checkpoint. It happens when a tab sleeps long, the driver restarts, or too many contexts are open.',
          },
        );
      };
      Object.assign(backend, {
        readSync: fail,
        read: async () => fail(),
        runWebGLProgram: fail,
        uploadToGPU: fail,
      } satisfies Partial<WebglEngine>);
    },
    { once: true },
  );
};
