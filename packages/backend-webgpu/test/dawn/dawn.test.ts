import { webgpu } from '@impflow/backend-webgpu';
import type { Backend } from '@impflow/core';
import { add, addN, backend, complex, matMul, memory, ones, tensor1d, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebgpuEngine } from '../../src/engine.ts';

const NAMES = ['navigator', 'GPUBuffer', 'GPUTexture', 'GPUBufferUsage', 'GPUMapMode', 'GPUTextureUsage'];
const globals = (): readonly unknown[] => [
  ...NAMES.map((name) => Object.getOwnPropertyDescriptor(globalThis, name)),
  'navigator' in globalThis && 'gpu' in navigator,
];
const LARGE = 5000;
const filled = (value: number): Tensor => add(tensor1d(new Float32Array(LARGE)), value);

describe('the globals of WebGPU', () => {
  it('the globals of WebGPU are restored after `isAvailable` and after `dispose`', async () => {
    const before = globals();
    expect(await webgpu().isAvailable()).toBe(true);
    expect(globals()).toEqual(before);
    const running = await webgpu().start();
    expect('gpu' in navigator).toBe(true);
    running.dispose();
    expect(globals()).toEqual(before);
  });

  it('the globals of WebGPU stay set until every started backend has been disposed', async () => {
    const before = globals();
    const [first, second] = [await webgpu().start(), await webgpu().start()];
    first.dispose();
    first.dispose();
    const third = await webgpu().start();
    second.dispose();
    expect(await webgpu().isAvailable()).toBe(true);
    expect(filled(3).dataSync()[0]).toBe(3);
    third.dispose();
    expect(globals()).toEqual(before);
  });
});

describe('a synchronous read', () => {
  let running: Backend;
  beforeEach(async () => {
    running = await webgpu().start();
  });
  afterEach(() => {
    running.dispose();
  });

  it('a synchronous read returns floats, integers and complex numbers', () => {
    expect(running.capabilities).toMatchObject({ syncRead: true, device: 'gpu', precision: 32 });
    const product = matMul(ones([70, 30]), ones([30, 80]));
    expect(new Set(product.dataSync())).toEqual(new Set([30]));
    const whole = add(tensor1d(new Int32Array(LARGE).fill(4), 'int32'), tensor1d(new Int32Array(LARGE), 'int32'));
    expect(whole.dataSync()).toEqual(new Int32Array(LARGE).fill(4));
    expect([...complex(filled(1), filled(2)).dataSync()].slice(0, 4)).toEqual([1, 2, 1, 2]);
  });

  it('synchronous and asynchronous reads at the same time each return the right values', async () => {
    const awaited = [1, 2].map((value) => filled(value).data());
    expect(filled(3).dataSync()[0]).toBe(3);
    expect((await Promise.all(awaited)).map(([value]) => value)).toEqual([1, 2]);
    expect((await filled(4).data())[0]).toBe(4);
    expect(filled(5).dataSync()[0]).toBe(5);
  });

  it('a synchronous read leaves no tensor, and restores `setImmediate`', async () => {
    const [before, tensors] = [setImmediate, memory().numTensors];
    for (const value of [1, 2, 3]) expect(tidy(() => filled(value).dataSync()[0])).toBe(value);
    expect(setImmediate).toBe(before);
    expect(memory().numTensors).toBe(tensors);
    await new Promise((resolve) => setImmediate(resolve));
  });
});

describe('failures of WebGPU in Node', () => {
  it('after WebGPU has refused a program every read throws, where tfjs would return zeros', async () => {
    const running = await webgpu().start();
    const all = Array.from({ length: 40 }, () => filled(1));
    const sum = addN(all);
    const message = '[backend-webgpu] WebGPU refused a program of TensorFlow.js, and dropped its results';
    expect(() => sum.dataSync()).toThrow(message);
    await expect(add(all[0]!, 1).data()).rejects.toThrow(message);
    running.dispose();
    const again = await webgpu().start();
    expect(filled(2).dataSync()[0]).toBe(2);
    again.dispose();
  });

  it('after the device is lost every operation and read throws', async () => {
    const running = await webgpu().start();
    const y = add(filled(1), 1);
    const { device } = backend() as WebgpuEngine;
    device.destroy();
    await device.lost;
    const message = '[backend-webgpu] The graphics device is lost, and all its tensors with it';
    expect(() => y.dataSync()).toThrow(message);
    await expect(y.data()).rejects.toThrow(message);
    expect(() => add(y, 1)).toThrow(message);
    running.dispose();
    const again = await webgpu().start();
    expect(filled(2).dataSync()[0]).toBe(2);
    again.dispose();
  });

  it('after the device is lost reads throw, even before the loss is reported', async () => {
    const running = await webgpu().start();
    const y = filled(1);
    (backend() as WebgpuEngine).device.destroy();
    expect(() => y.dataSync()).toThrow(/^\[backend-webgpu\] /);
    running.dispose();
  });
});
