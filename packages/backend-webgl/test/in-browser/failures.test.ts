import { cpu } from '@impflow/backend-cpu';
import { webgl, warmUp } from '@impflow/backend-webgl';
import { add, backend, env, memory, tensor1d, tidy } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import type { WebglEngine } from '../../src/engine.ts';

it('`webgl()` refuses half precision, and the error names the cause', async () => {
  (await webgl().start()).dispose();
  env().set('WEBGL_FORCE_F16_TEXTURES', true);
  await expect(webgl().start()).rejects.toThrow(
    '[backend-webgl/start] Textures have 16-bit floats, but log-densities and solves need 32-bit floats: ' +
      "expected float32 textures, got the flag WEBGL_FORCE_F16_TEXTURES. Unset it: tf.env().set('WEBGL_FORCE_F16_TEXTURES', false).",
  );
  env().set('WEBGL_FORCE_F16_TEXTURES', false);
  const running = await webgl().start();
  expect(running.capabilities.precision).toBe(32);
  expect(running.capabilities.renderer).not.toBe('');
  running.dispose();
});

it('after the WebGL context is lost, every operation and read throws, and `webgl()` can start again', async () => {
  const running = await webgl().start();
  const x = add(tensor1d(new Float32Array(5000)), 1);
  expect((await x.data())[0]).toBe(1);
  const y = add(x, 1);
  const { gl } = (backend() as WebglEngine).gpgpu;
  const lost = new Promise((resolve) => {
    gl.canvas.addEventListener('webglcontextlost', resolve);
  });
  gl.getExtension('WEBGL_lose_context')!.loseContext();
  await lost;
  const message =
    '[backend-webgl] The WebGL context is lost, and all its tensors with it. ' +
    'Dispose the backend, start it again (or another), and load the last checkpoint.';
  await expect(y.data()).rejects.toThrow(message);
  expect(() => y.dataSync()).toThrow(message);
  expect(() => add(y, 1)).toThrow(message);
  running.dispose();

  const again = await webgl().start();
  const z = add(tensor1d(new Float32Array(5000)), 2);
  expect((await z.data())[0]).toBe(2);
  z.dispose();
  again.dispose();
});

it('a second call of `warmUp` compiles no programs', async () => {
  const running = await webgl().start();
  const x = tensor1d(new Float32Array(4321));
  const before = memory().numTensors;
  const body = () => tidy(() => add(x, x));
  expect((await warmUp(body)).programs).toBeGreaterThan(0);
  expect((await warmUp(body)).programs).toBe(0);
  expect(memory().numTensors).toBe(before);
  x.dispose();
  running.dispose();
  const other = await cpu().start();
  await expect(warmUp(body)).rejects.toThrow('[backend-webgl/warmUp] Another backend runs: expected webgl, got cpu.');
  other.dispose();
});
