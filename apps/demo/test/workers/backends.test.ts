import { getBackend } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { startBackend } from '../../src/workers/backends.ts';
import { heard, several } from './trainer/harness.ts';

it('a worker starts the requested backend', async () => {
  const found = await startBackend('wasm');
  expect(found).toEqual({ name: 'wasm', computing: expect.stringMatching(/^WebAssembly, (relaxed )?SIMD$/) });
  expect(await startBackend('cpu')).toEqual({ name: 'cpu', computing: 'plain JavaScript' });
  expect(getBackend()).toBe('cpu');
});

it.each([
  ['webgl', 'This browser offers no WebGL 2: training runs in WebAssembly instead.'],
  ['webgpu', 'This browser offers no WebGPU: training runs in WebAssembly instead.'],
] as const)('if %s is missing, a worker uses WebAssembly and reports the reason', async (wanted, fallback) => {
  expect(await startBackend(wanted)).toMatchObject({ name: 'wasm', fallback });
  expect(getBackend()).toBe('wasm');
});

it('if WebAssembly lacks SIMD, training runs in plain JavaScript; another backend can continue from the checkpoint', async () => {
  const { worker, steps, start, failures } = heard();
  const { validate } = WebAssembly;
  // This substitute behaves like a browser without WebAssembly SIMD.
  WebAssembly.validate = () => false;
  try {
    expect(await startBackend('webgpu')).toMatchObject({
      name: 'cpu',
      fallback:
        'This browser offers no WebGPU; this browser has no WebAssembly SIMD: training runs in plain JavaScript, much slower.',
    });
    const started = await start({ batch: 16 });
    expect(started).toMatchObject({
      computing: 'plain JavaScript',
      fallback: 'This browser has no WebAssembly SIMD: training runs in plain JavaScript, much slower.',
    });
    await several(2, () => worker.step());
    expect(getBackend()).toBe('cpu');
  } finally {
    WebAssembly.validate = validate;
  }
  const checkpoint = await worker.checkpoint('whole');
  const moved = await start({ checkpoint, batch: 16 });
  expect(moved).toMatchObject({ step: 2, computing: expect.stringContaining('WebAssembly') });
  expect(moved.fallback).toBeUndefined();
  await worker.step();
  expect(steps.map(({ step }) => step)).toEqual([1, 2, 3]);
  expect(failures).toEqual([]);
});
