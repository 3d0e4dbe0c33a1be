import { normals, key, isFlowError } from '@impflow/core';
import { buildFlow, flowSpec, imagePreset, implicitResNet, builtInRegistries } from '@impflow/flows';
import { encodeCheckpoint, encodeSafetensors } from '@impflow/training';
import { memory, mul, ones, tidy, variable, zeros } from '@tensorflow/tfjs-core';
import { fitTable, openDensity, readModel, trainedDensity } from 'impflow/run';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Region } from '../../../src/protocol/data.ts';
import type { ViewerWorker } from '../../../src/protocol/viewer.ts';
import { viewer } from '../../../src/workers/viewer/viewer.ts';
import { apart, checkpointOf, disposed, planar, stirred, stirredCheckpoint } from './models.ts';

const worker: ViewerWorker = viewer();
beforeAll(() => worker.open([]));

const NEAR: Region = [
  [-3, 3],
  [-3, 2],
];
const ROWS = Float32Array.from(normals(key(5), 2 * 2500), (z) => 1.5 * z);

describe('open', () => {
  it('`open` returns the registered names, and can be called repeatedly', async () => {
    const names = await worker.open([]);
    expect(names.solver).toEqual(builtInRegistries.solver.names);
    expect(names.activation).toContain('lipSwish');
    expect(names.logDet).toContain('roulette');
    expect(await worker.open([])).toEqual(names);
  });

  it('`open` must be called before any other method', async () => {
    await expect(viewer().load(0, new Uint8Array())).rejects.toThrow('The viewer is not open yet. Call open first.');
    await expect(viewer().path(1, [0, 0])).rejects.toThrow('No model is loaded yet. Load a checkpoint first.');
  });
});

describe('load', () => {
  it('`load` returns the number of training steps of the weights', async () => {
    const spec = planar();
    expect(await worker.load(0, await stirredCheckpoint(spec, 3))).toEqual({ step: 3 });
  });

  it('a loaded model scores rows bit-identically to impflow', async () => {
    for (const spec of [
      planar(),
      planar({ model: 'residual' }),
      planar({ model: 'coupling' }),
      planar({ evaluationLogDet: { name: 'roulette' } }),
    ]) {
      // After training, the vectors `u` and `v` of the norm estimates belong to slightly older weights. The test
      // imitates this by changing the weights.
      const flow = stirred(spec, 4, 2);
      for (const parameter of Object.values(flow.parameters)) tidy(() => parameter.assign(mul(parameter, 1.01)));
      const bytes = await checkpointOf(flow, spec);
      disposed(flow);
      const { checkpoint, source } = await readModel(bytes);
      const open = openDensity(checkpoint, builtInRegistries, source);
      const rows = Array.from({ length: ROWS.length / 2 }, (_, i) => ({ x: ROWS[2 * i], y: ROWS[2 * i + 1] }));
      const expected = trainedDensity(open).score(rows);
      await worker.load(0, bytes);
      expect(await worker.logProb(0, ROWS)).toEqual(Float32Array.from(expected.values));
      disposed(open.density.flow);
    }
  });

  it.each([
    ['whole numbers', { b: 1 }, 0.5],
    ['quarters', { b: 0.25 }, 0.125],
  ] as const)('a loaded model scores %s at the middle of their interval', async (_what, dequantized, middle) => {
    const spec = planar();
    const flow = stirred(spec);
    await worker.load(
      0,
      await checkpointOf(flow, spec, { extra: { data: { data: 'a.csv' }, columns: ['a', 'b'], dequantized } }),
    );
    await worker.load(1, await checkpointOf(flow, spec));
    disposed(flow);
    expect(await worker.logProb(0, Float32Array.of(0.3, 1, -1, 2))).toEqual(
      await worker.logProb(1, Float32Array.of(0.3, 1 + middle, -1, 2 + middle)),
    );
  });

  it('`load` uses the best weights if the file contains best weights', async () => {
    const spec = planar();
    const [last, best] = [stirred(spec, 1), stirred(spec, 2)];
    const state = {
      step: 90,
      sinceBest: 3,
      optimizer: { step: 90, slots: {} },
      best: { step: 60, nats: 1.5, standardError: 0.01, parameters: best.parameters, buffers: best.buffers },
    };
    await worker.load(0, await encodeCheckpoint({ spec, seed: 0, extra: { data: { data: 'a' } }, model: last, state }));
    expect((await worker.map(0, { quantity: 'density', region: NEAR, side: 4 })).step).toBe(60);
    await worker.load(1, await checkpointOf(best, spec));
    expect(await worker.logProb(0, ROWS)).toEqual(await worker.logProb(1, ROWS));
    disposed(last);
    disposed(best);
  });

  it('`load` accepts a model that impflow fitted to a table, and applies the transforms of the columns', async () => {
    const draws = normals(key(7), 800);
    const rows = Array.from({ length: 400 }, (_, i) => ({ price: Math.exp(draws[2 * i]!), size: draws[2 * i + 1]! }));
    const options = { steps: 4, batch: 50, blocks: 2, hidden: [8], transform: ['log:price'], workers: 1 } as const;
    const end = await fitTable(rows, { ...options, scaling: 'standard', registries: builtInRegistries });
    if (end.stopped === 'aborted') throw new Error('aborted');
    await worker.load(0, end.model.toBytes());
    const scores = end.model.score(rows).map(({ logDensity }) => Math.fround(logDensity));
    const pairs = Float32Array.from(rows.flatMap(({ price, size }) => [price, size]));
    expect([...(await worker.logProb(0, pairs))].every((score, i) => Math.abs(score - scores[i]!) < 1e-5)).toBe(true);
    // The density of prices below 0 is 0.
    const { values } = await worker.map(0, { quantity: 'density', region: NEAR, side: 8 });
    expect(values.every(Number.isFinite)).toBe(true);
    expect([...values].map((value, i) => value === 0 || i % 8 >= 4).every(Boolean)).toBe(true);
    expect((await worker.path(0, [1, 0])).labels).toHaveLength((await worker.warp(0, NEAR, 3, 4, 0)).stages.length);
    expect([...(await worker.samples(0, 50, 1))].every((value, i) => i % 2 === 1 || value > 0)).toBe(true);
    expect((await worker.samplesAsCsv(0, 3, 1)).split('\n')[0]).toBe('price,size');
    end.model.dispose();
  });

  it('`load` keeps the published weights of an imported model', async () => {
    const spec = planar({ coeff: 0.9 });
    const flow = stirred(spec, 1, 4);
    // The vector of the norm estimate is inaccurate, so that the norm exceeds its cap.
    const { 'blocks.1.gx.layers.2.u': u } = flow.buffers;
    const first = zeros(u!.shape);
    u!.assign(first);
    first.dispose();
    await worker.load(0, await checkpointOf(flow, spec, { extra: { columns: ['a', 'b'] } }));
    const at = ({ path }: { readonly path: string }): boolean => path === 'blocks.1.gx.layers.2';
    expect((await worker.norms(0)).find(at)!.norm).toBeGreaterThan(0.95);
    await worker.load(0, await checkpointOf(flow, spec));
    expect((await worker.norms(0)).find(at)!.norm).toBeLessThan(0.9 * (1 + 1e-3));
    disposed(flow);
  });

  it('a thousand calls of `load` leave the same number of tensors as a few calls, also if the models change', async () => {
    const [small, other] = [planar({ blocks: 1, hidden: [4] }), planar({ blocks: 2, hidden: [5], model: 'residual' })];
    const checkpoints = await Promise.all([
      stirredCheckpoint(small, 1),
      stirredCheckpoint(small, 2),
      stirredCheckpoint(other, 3),
    ]);
    const look = async (i: number): Promise<void> => {
      await worker.load(0, checkpoints[i]!);
      await worker.map(0, { quantity: i === 1 ? 'steps' : 'density', region: NEAR, side: 3 });
    };
    for (const i of [0, 1, 2, 0]) await look(i);
    const { numTensors, numDataBuffers, numBytes } = memory();
    for (let i = 0; i < 1000; i++) await look(i % 7 === 3 ? 2 : i % 2);
    for (const i of [0, 1, 2, 0]) await look(i);
    expect(memory()).toMatchObject({ numTensors, numDataBuffers, numBytes });
  });
});

describe('`load` refuses', () => {
  const spec = planar();
  const file = (of: unknown, extra: unknown = undefined): Promise<Uint8Array> =>
    encodeCheckpoint({ spec: of, seed: 0, extra, model: { parameters: {}, buffers: {} } });

  it.each([
    ['a file that is not a safetensors file', async () => new TextEncoder().encode('x,y\n1,2\n'), /This file/],
    ['an empty file', async () => new Uint8Array(0), /This file/],
    [
      'a file of another program',
      async () => encodeSafetensors({}, { format: 'pt' }),
      /This file: A safetensors file, but no checkpoint of ImpFlow/,
    ],
    [
      'a classifier',
      () => file(implicitResNet({ shape: [8, 8, 1], classes: 3 })),
      /does not fit the page: expected a density of two columns, got a classifier of images\. Use the command line/,
    ],
    ['images', () => file(imagePreset({ shape: [8, 8, 1] })), /got a density of images \[8, 8, 1\]/],
    ['three columns', () => file(flowSpec({ dim: 3 })), /got a density of 3 columns/],
    ['one column', () => file(flowSpec({ dim: 1 })), /got a density of 1 column\./],
    [
      'a conditional density',
      () => file(flowSpec({ dim: 2, context: 4 })),
      /got a density of two columns given 4 other columns/,
    ],
    ['no spec', () => file('moons'), /got no flow/],
    ['no blocks', () => file({ version: 1, dim: 2, base: { name: 'normal' }, blocks: [] }), /Not a flow spec/],
    [
      'an invalid spec',
      () =>
        file({ ...spec, blocks: [{ kind: 'implicit', gx: { hidden: [4], activation: { name: 'sin' }, coeff: 0.9 } }] }),
      /wrong spec\.blocks\[0\]/,
    ],
    [
      'an unknown solver',
      () => file({ ...spec, solver: { name: 'multigrid' } }),
      /needs a method that is not available: Unknown solver.*multigrid.*If a plugin provides this method, add the plugin first/,
    ],
    [
      'the solver of a plugin',
      () => file({ ...spec, solver: { name: 'multigrid' } }, { program: { plugin: ['./multigrid.js'] } }),
      /The model was trained with the plugin \.\/multigrid\.js: add this plugin first/,
    ],
    ['missing weights', () => file(spec), /This file: the parameters lack "blocks/],
  ])('%s', async (_name, make, message) => {
    await worker.load(0, await stirredCheckpoint(spec, 1));
    const before = await worker.logProb(0, ROWS.slice(0, 20));
    const { numTensors } = memory();
    const error = await worker.load(0, await make()).catch((reason: unknown) => reason);
    expect(isFlowError(error)).toBe(true);
    expect((error as Error).message).toMatch(message);
    // After a refused file the previous model stays loaded, with all its weights.
    expect(await worker.logProb(0, ROWS.slice(0, 20))).toEqual(before);
    expect(memory().numTensors).toBe(numTensors);
  });

  it('`load` refuses incomplete weights, and keeps all old weights', async () => {
    await worker.load(0, await stirredCheckpoint(spec, 1));
    const before = await worker.logProb(0, ROWS.slice(0, 20));
    const flow = stirred(spec, 2);
    const wrong = variable(ones([3]));
    const { 'blocks.2.gz.layers.4.u': _u, ...buffers } = flow.buffers;
    for (const damaged of [
      { parameters: flow.parameters, buffers },
      { parameters: { ...flow.parameters, 'blocks.1.gx.layers.0.bias': wrong }, buffers: flow.buffers },
    ]) {
      await expect(
        worker.load(0, await encodeCheckpoint({ spec, seed: 0, extra: {}, model: damaged })),
      ).rejects.toThrow(/the buffers lack|the parameters have a wrong shape/);
      expect(await worker.logProb(0, ROWS.slice(0, 20))).toEqual(before);
    }
    wrong.dispose();
    disposed(flow);
  });
});

describe('a picture shows one set of weights', () => {
  it('a picture shows one set of weights, even if other weights arrive while the picture is computed', async () => {
    const spec = planar({ hidden: [48, 48], blocks: 3 });
    const [one, two] = await Promise.all([stirredCheckpoint(spec, 1), stirredCheckpoint(spec, 2)]);
    const request = { quantity: 'density', region: NEAR, side: 160 } as const;
    await worker.load(0, two);
    const second = await worker.map(0, request);
    await worker.load(0, one);
    const first = await worker.map(0, request);
    expect(apart(first.values, second.values)).toBeGreaterThan(0.01);

    const order: string[] = [];
    const noted = async <T>(name: string, result: Promise<T>): Promise<T> => {
      const value = await result;
      order.push(name);
      return value;
    };
    const running = noted('map', worker.map(0, request));
    // While the map is computed in pieces, the viewer responds to a click, but loading new weights waits. Requests that
    // arrive after the load request wait until the new weights are loaded.
    await new Promise((resolve) => setTimeout(resolve, 5));
    const clicked = noted('path', worker.path(0, [0.1, 0.2]));
    const loading = noted('load', worker.load(0, two));
    const later = noted('later', worker.map(0, request));
    const elsewhere = noted(
      'other slot',
      worker.path(1, [0, 0]).catch(() => undefined),
    );
    expect(worker.ping()).toBeGreaterThan(0);
    const [old, , , fresh] = await Promise.all([running, clicked, loading, later, elsewhere]);
    expect(order).toEqual(['path', 'other slot', 'map', 'load', 'later']);
    expect(old.step).toBe(1);
    expect(apart(old.values, first.values)).toBeLessThan(1e-6);
    expect(fresh.step).toBe(2);
    expect(apart(fresh.values, second.values)).toBeLessThan(1e-6);
  });

  it('a picture is computed even if other weights could not be loaded', async () => {
    const spec = planar();
    await worker.load(0, await stirredCheckpoint(spec, 1));
    const [bad, good] = await Promise.allSettled([worker.load(0, new Uint8Array(9)), worker.path(0, [0, 0])]);
    expect([bad.status, good.status]).toEqual(['rejected', 'fulfilled']);
  });
});

it('disposeFlow disposes all tensors of a flow', () => {
  const before = memory().numTensors;
  const flow = buildFlow(planar());
  flow.refresh();
  flow.sample(3, { key: key(1) }).dispose();
  disposed(flow);
  expect(memory().numTensors).toBe(before);
});
