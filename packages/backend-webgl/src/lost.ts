import { failAfterLoss, tensorsLost } from '@impflow/core';
import type { WebglEngine } from './engine.ts';

/** Makes operations and read-backs throw `unsupported` after the browser has lost the WebGL context. */
export const tellWhenLost = (backend: WebglEngine): void => {
  backend.gpgpu.gl.canvas.addEventListener(
    'webglcontextlost',
    () => {
      const error = tensorsLost('webgl', 'The browser took the WebGL context away, and with it all tensors on it', {
        why: 'It happens when a tab sleeps long, the driver restarts, or too many contexts are open.',
      });
      failAfterLoss(backend, ['readSync', 'runWebGLProgram', 'uploadToGPU'], error);
    },
    { once: true },
  );
};
