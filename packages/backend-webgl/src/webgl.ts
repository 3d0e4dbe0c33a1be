import { FlowError, graphicsAdapter, type BackendAdapter } from '@impflow/core';
import { env } from '@tensorflow/tfjs-core';
import { correct } from './corrections.ts';
import type { WebglEngine } from './engine.ts';
import { tellWhenLost } from './lost.ts';

/**
 * Adapter of TensorFlow.js in WebGL 2, for pages. The adapter requires float32, because half precision is too coarse
 * for log-densities and tolerances of solvers. A browser without a graphics card may run WebGL on the CPU, slower than
 * wasm; `capabilities.renderer` names the device.
 *
 * @remarks `start` takes about 50 ms to measure the time of a read-back. Solves use this time to choose how often they
 * check convergence. For each new shape WebGL compiles programs; see {@link warmUp}.
 */
export const webgl = (): BackendAdapter =>
  graphicsAdapter<WebglEngine>({
    name: 'webgl',
    api: 'WebGL 2',
    hint: 'Use wasm(). The page chrome://gpu (about:support in Firefox) lists blocked features.',
    syncRead: true,
    probe,
    load: async (unavailable) => {
      await import('@tensorflow/tfjs-backend-webgl');
      env().set('SOFTWARE_WEBGL_ENABLED', true);
      if (env().getNumber('WEBGL_VERSION') !== 2)
        throw unavailable(`version ${env().getNumber('WEBGL_VERSION')} in TensorFlow.js`);
      assertFloat32();
      correct();
    },
    prepare: (engine) => {
      tellWhenLost(engine);
      return rendererOf(engine.gpgpu.gl);
    },
  });

/**
 * Returns the reason why WebGL 2 is not available, or undefined. Frees the context of this check, because browsers
 * allow only a few contexts.
 */
const probe = (): string | undefined => {
  if (typeof OffscreenCanvas === 'undefined' && typeof document === 'undefined') return 'no canvas';
  const canvas = typeof OffscreenCanvas === 'undefined' ? document.createElement('canvas') : new OffscreenCanvas(1, 1);
  const gl = canvas.getContext('webgl2') as WebGL2RenderingContext | null;
  gl?.getExtension('WEBGL_lose_context')?.loseContext();
  return gl === null ? 'a browser without it' : undefined;
};

const rendererOf = (gl: WebGL2RenderingContext): string => {
  const unmasked = gl.getExtension('WEBGL_debug_renderer_info');
  return String(gl.getParameter(unmasked === null ? gl.RENDERER : unmasked.UNMASKED_RENDERER_WEBGL));
};

/** Throws `unsupported` if textures can have only half precision, or if a flag forces half precision. */
const assertFloat32 = (): void => {
  const forced = env().getBool('WEBGL_FORCE_F16_TEXTURES');
  if (!forced && env().getBool('WEBGL_RENDER_FLOAT32_ENABLED')) return;
  throw new FlowError(
    'unsupported',
    'backend-webgl/start',
    'Textures have 16-bit floats, but log-densities and solves need 32-bit floats',
    {
      expected: 'float32 textures',
      got: forced ? 'the flag WEBGL_FORCE_F16_TEXTURES' : 'a device that renders only to float16',
      hint: forced ? "Unset it: tf.env().set('WEBGL_FORCE_F16_TEXTURES', false)." : 'Use wasm() on this device.',
    },
  );
};
