import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { webgl } from '@impflow/backend-webgl';
import { webgpu } from '@impflow/backend-webgpu';
import { startRegistered, type BackendAdapter } from '@impflow/core';
import {
  copyRegisteredKernels,
  engine,
  findBackend,
  getKernel,
  mul,
  registerBackend,
  registerKernel,
  removeBackend,
  unregisterKernel,
  type KernelConfig,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { diagnose, examine } from '../src/index.ts';

const budgetMs = 20;

describe('a backend without faults', () => {
  it.each([
    ['cpu', cpu],
    ['wasm', wasm],
  ] as const)('%s passes the examination and leaks no tensor', async (name, adapter) => {
    const report = await examine(adapter(), { budgetMs });
    expect(report).toMatchObject({
      name,
      available: true,
      precision: 32,
      device: 'cpu',
      threads: 1,
      missingOps: [],
      failures: [],
      memory: { tensorsLeft: 0 },
    });
    expect(report.gradientCheck).toMatchObject({ ok: true, of: 'float64 reference' });
    // The bound 1e-4 is an order of magnitude below the tolerance of the gradient check.
    expect(report.gradientCheck.error).toBeLessThan(1e-4);
    expect(report.gradientCheck.error).toBeGreaterThan(0);
    expect(report.gflops.map(({ product }) => product)).toEqual([
      '[1000,128] x [128,128]',
      '[1000,128] x [128,128]^T',
      '[1000,128]^T x [1000,128]',
      '[1000,2] x [2,128]',
    ]);
    for (const { gflops } of report.gflops) expect(gflops).toBeGreaterThan(0);
    expect(report.stepMs).toBeGreaterThan(0);
    expect(report.readBackMs).toBeGreaterThan(0);
    expect(report.kernels === undefined).toBe(name === 'cpu');
    expect(engine().backendName ?? 'none').not.toBe(name);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });
});

describe('an unavailable backend', () => {
  it.each([
    ['webgl', webgl, ['WebGL 2 is not available', 'Node, which has none']],
    ['webgpu', webgpu, ['WebGPU is not available', 'the package webgpu and a graphics card']],
  ] as const)('the report of %s has the reason why the backend is not available', async (name, adapter, reasons) => {
    // The backend may be available: a machine with a graphics card may have the package webgpu.
    if (await adapter().isAvailable()) return;
    const report = await examine(adapter());
    expect(report).toMatchObject({
      name,
      available: false,
      precision: null,
      gradientCheck: { ok: false, error: null },
      gflops: [],
      readBackMs: null,
      stepMs: null,
    });
    for (const reason of reasons) expect(report.reason).toContain(reason);
  });
});

/** Makes an adapter of the cpu backend under another name, with some of its kernels changed. */
const copyOf = (name: string, change: (copy: string) => void): BackendAdapter => ({
  name,
  isAvailable: async () => true,
  start: async () => {
    const original = await cpu().start();
    const Backend = findBackend('cpu').constructor as new () => ReturnType<typeof findBackend>;
    original.dispose();
    registerBackend(name, () => new Backend());
    copyRegisteredKernels('cpu', name);
    change(name);
    const started = await startRegistered(name, {
      capabilities: { precision: 32, syncRead: true, device: 'cpu', threads: 1 },
    });
    return {
      ...started,
      dispose: () => {
        started.dispose();
        removeBackend(name);
        for (const kernel of ['BatchMatMul', 'Transpose', 'Cumsum'])
          if (getKernel(kernel, name) !== undefined) unregisterKernel(kernel, name);
      },
    };
  },
});

/** The cpu backend with matrix products that are 1 % too large. */
const inexact = (): BackendAdapter =>
  copyOf('inexact', (name) => {
    const exact = getKernel('BatchMatMul', name) as KernelConfig;
    unregisterKernel('BatchMatMul', name);
    registerKernel({
      ...exact,
      backendName: name,
      kernelFunc: (params) => mul(engine().makeTensorFromTensorInfo(exact.kernelFunc(params) as Tensor), 1.01),
    });
  });

/** The cpu backend without two kernels. The gradient check needs one of the missing kernels. */
const incomplete = (): BackendAdapter =>
  copyOf('incomplete', (name) => {
    for (const kernel of ['Transpose', 'Cumsum']) unregisterKernel(kernel, name);
  });

describe('a backend with faults', () => {
  it('a backend whose matrix products have an error of 1 % fails the gradient check', async () => {
    const report = await examine(inexact(), { budgetMs });
    expect(report).toMatchObject({ available: true, missingOps: [], gradientCheck: { ok: false } });
    expect(report.gradientCheck.error).toBeGreaterThan(3e-3);
  });

  it('missing kernels are listed in the report, and a backend that lacks kernels is not recommended', async () => {
    const { backends, recommended } = await diagnose([incomplete(), inexact()], {
      examine: (adapter) => examine(adapter, { budgetMs }),
    });
    expect(backends[0]).toMatchObject({
      name: 'incomplete',
      available: true,
      missingOps: ['Cumsum', 'Transpose'],
      gradientCheck: { ok: false, error: null },
    });
    expect(backends[0]!.failures.join('\n')).toContain('Transpose');
    expect(recommended).toBe(null);
  });
});

it('`diagnose` recommends the fastest backend that can train flows, and reports progress', async () => {
  const heard: string[] = [];
  const { backends, recommended } = await diagnose([cpu(), webgl(), wasm(), inexact()], {
    examine: (adapter) => examine(adapter, { budgetMs }),
    onProgress: ({ name, number, of, report }) =>
      heard.push(`${name} ${number}/${of} ${report === undefined ? 'begins' : 'ends'}`),
  });
  expect(backends.map(({ name }) => name)).toEqual(['cpu', 'webgl', 'wasm', 'inexact']);
  expect(recommended).toBe('wasm');
  expect(heard).toEqual([
    'cpu 1/4 begins',
    'cpu 1/4 ends',
    'webgl 2/4 begins',
    'webgl 2/4 ends',
    'wasm 3/4 begins',
    'wasm 3/4 ends',
    'inexact 4/4 begins',
    'inexact 4/4 ends',
  ]);
});
