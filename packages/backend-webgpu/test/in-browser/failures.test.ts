import { webgpu } from '@impflow/backend-webgpu';
import { add, addN, backend, tensor1d } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import type { WebgpuEngine } from '../../src/engine.ts';

const LARGE = 5000;

it('a synchronous read throws in a page', async () => {
  const running = await webgpu().start();
  expect(running.capabilities.syncRead).toBe(false);
  expect(running.capabilities.renderer).not.toBe('');
  const x = add(tensor1d(new Float32Array(LARGE)), 1);
  expect(() => x.dataSync()).toThrow(
    '[backend-webgpu] WebGPU has no synchronous read. Use await x.data() in place of x.dataSync().',
  );
  expect((await x.data())[0]).toBe(1);
  running.dispose();
});

it('after WebGPU has refused a program every read throws, where tfjs would return zeros', async () => {
  const running = await webgpu().start();
  // The program has one more tensor than the device can bind.
  const all = Array.from({ length: 40 }, () => add(tensor1d(new Float32Array(LARGE)), 1));
  const sum = addN(all);
  const message = new RegExp(
    String.raw`^\[backend-webgpu\] WebGPU refused a program of TensorFlow\.js, ` +
      String.raw`and dropped its results: got .*storage buffers.*\. Dispose the backend, ` +
      String.raw`start it again`,
  );
  await expect(sum.data()).rejects.toThrow(message);
  await expect(add(all[0]!, 1).data()).rejects.toThrow(message);
  running.dispose();

  const again = await webgpu().start();
  expect((await add(tensor1d(new Float32Array(LARGE)), 2).data())[0]).toBe(2);
  again.dispose();
});

it('after the device is lost every operation and read throws, and `webgpu()` can start again', async () => {
  const running = await webgpu().start();
  const x = add(tensor1d(new Float32Array(LARGE)), 1);
  expect((await x.data())[0]).toBe(1);
  const y = add(x, 1);
  const { device } = backend() as WebgpuEngine;
  device.destroy();
  await device.lost;
  const message = '[backend-webgpu] The graphics device is lost, and all its tensors with it';
  await expect(y.data()).rejects.toThrow(message);
  expect(() => add(y, 1)).toThrow(message);
  running.dispose();

  const again = await webgpu().start();
  expect((await add(tensor1d(new Float32Array(LARGE)), 2).data())[0]).toBe(2);
  again.dispose();
});
