import { failAfterLoss, tensorsLost } from '@impflow/core';
import type { WebglEngine } from './engine.ts';

/** Makes operations and read-backs throw `unsupported` after the browser has lost the WebGL context. */
export const tellWhenLost = (backend: WebglEngine): void => {
  backend.gpgpu.gl.canvas.addEventListener(
    'webglcontextlost',
    () => {
      const error = tensorsLost('webgl', 'The WebGL context is lost, and all its tensors with it', {
        why: 'A context is lost when a tab sleeps for a long time, the driver restarts, or too many contexts are open.',
      });
      failAfterLoss(backend, ['readSync', 'runWebGLProgram', 'uploadToGPU'], error);
    },
    { once: true },
  );
};
