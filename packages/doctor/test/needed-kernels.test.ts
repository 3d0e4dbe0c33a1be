import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import {
  key,
  drawNormal,
  release,
  scoped,
  settle,
  startRegistered,
  drawUniform,
  type Backend,
  type Capabilities,
} from '@impflow/core';
import {
  buildFlow,
  importPublished,
  builtInRegistries,
  tabularPreset,
  toyPreset,
  type BlockSpec,
  type FlowSpec,
} from '@impflow/flows';
import { adam, adamW, adamax, ema, fitToEnd, sgd } from '@impflow/training';
import { mean, neg } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingKernels, NEEDED_KERNELS } from '../src/needed-kernels.ts';
import { watched } from './watched.ts';

void [importPublished, ema];
const small = { blocks: 1, hidden: [6] };
const net = { hidden: [6], activation: { name: 'sin' }, coeff: 0.9 };
const of = (dim: number, ...blocks: BlockSpec[]): FlowSpec => ({ version: 1, dim, base: { name: 'normal' }, blocks });

/** Specs of flows, by the feature that they test. All specs together use every name of every registry. */
const SPECS: Readonly<Record<string, FlowSpec>> = {
  ...Object.fromEntries(
    (['implicit', 'residual', 'monotone', 'coupling'] as const).flatMap((model) => [
      [`toy, ${model}`, toyPreset({ ...small, model })],
      [`tabular, ${model}`, tabularPreset({ ...small, model, dim: 3, scaling: { mean: [0, 1, 2], scale: [1, 2, 3] } })],
      [`a context, ${model}`, toyPreset({ ...small, model, context: 2 })],
      [`ten dimensions, ${model}`, tabularPreset({ ...small, model, dim: 10 })],
    ]),
  ),
  ...Object.fromEntries(
    builtInRegistries.activation.names.map((name) => [
      `activation ${name}`,
      toyPreset({ ...small, activation: { name } }),
    ]),
  ),
  ...Object.fromEntries(
    builtInRegistries.activation.names.map((name) => [
      `activation ${name}, in ten dimensions`,
      tabularPreset({ ...small, dim: 10, activation: { name } }),
    ]),
  ),
  ...Object.fromEntries(
    builtInRegistries.logDet.names.flatMap((name) => [
      [`estimator ${name}`, toyPreset({ ...small, logDet: { name }, evaluationLogDet: { name } })],
      [`estimator ${name} in ten dimensions`, tabularPreset({ ...small, dim: 10, logDet: { name } })],
    ]),
  ),
  ...Object.fromEntries(
    builtInRegistries.solver.names.flatMap((name) => [
      [`solver ${name}`, toyPreset({ ...small, solver: { name } })],
      [`solver ${name} in ten dimensions`, tabularPreset({ ...small, dim: 10, solver: { name } })],
    ]),
  ),
  ...Object.fromEntries(
    builtInRegistries.base.names.map((name) => [`base ${name}`, toyPreset({ ...small, base: { name } })]),
  ),
  'one dimension': toyPreset({ ...small, dim: 1 }),
  'other blocks': of(
    3,
    { kind: 'linear' },
    { kind: 'permutation', order: [2, 0, 1] },
    { kind: 'actNorm' },
    { kind: 'residual', g: { ...net, preactivation: true } },
  ),
  'maps of columns': of(
    4,
    {
      kind: 'columnMaps',
      maps: [
        { map: 'identity' },
        { map: 'log', lower: 0 },
        { map: 'logit', lower: 0, upper: 1 },
        { map: 'asinh', center: 0, scale: 1 },
      ],
    },
    { kind: 'actNorm' },
  ),
  'a regression': tabularPreset({
    ...small,
    dim: 2,
    context: 1,
    regression: {
      weight: [[1], [2]],
      bias: [0, 1],
      factor: [
        [1, 0],
        [0.5, 2],
      ],
    },
    conditionalAffine: [6],
  }),
  logit: of(2, { kind: 'logit' }, { kind: 'implicit', gx: net, gz: net }),
};

const OPTIMIZERS = [adam(), adamW(), adamax(), sgd({ momentum: 0.9 })];

/** Trains a flow, and scores, encodes, decodes and samples with it. */
const everything = async (spec: FlowSpec, i: number): Promise<void> => {
  const flow = buildFlow(spec, { key: key(1) });
  const rows = drawUniform(key(2), [12, spec.dim], 0.1, 0.9);
  const condition = spec.context === undefined ? {} : { condition: drawNormal(key(3), [12, spec.context]) };
  await settle(() => flow.initialize(rows, { train: true, ...condition }));
  const learns = spec.base.name !== 'uniform';
  if (learns) {
    const { state } = await fitToEnd({
      model: flow,
      optimizer: OPTIMIZERS[i % OPTIMIZERS.length]!,
      learningRate: 1e-2,
      steps: 1,
      key: key(4),
      batch: () => rows.clone(),
      emaDecay: 0.9,
      clipNorm: 1,
      loss: (x, k) => neg(mean(flow.logProb(x, { train: true, key: k, ...condition }))),
    });
    release(state);
  }
  flow.refresh({ tolerance: 1e-5 });
  release(
    await settle(() =>
      scoped(() => [
        flow.logProb(rows, condition),
        flow.encode(rows, condition),
        flow.decode(rows, condition),
        flow.sample(12, { key: key(5), ...condition }),
      ]),
    ),
  );
  release([flow.parameters, flow.buffers, rows, condition]);
};

const recorded = async (): Promise<readonly string[]> => [
  ...(await watched(async () => {
    for (const [i, spec] of Object.values(SPECS).entries()) await everything(spec, i);
  })),
];

/** Returns a function that starts the cpu backend and declares other capabilities, so that flows use other kernels. */
const passingFor = (other: Partial<Capabilities>) => (): Promise<Backend> =>
  startRegistered('cpu', { capabilities: { precision: 32, syncRead: true, device: 'cpu', threads: 1, ...other } });

describe.each([
  ['with synchronous reads', () => cpu().start()],
  ['with asynchronous reads and its own device', passingFor({ syncRead: false, device: 'gpu' })],
  ['with fast sines', passingFor({ fastSines: true })],
] as const)('the kernels that flows need on a backend %s', (_how, start) => {
  let backend: Backend;
  beforeAll(async () => {
    await import('@tensorflow/tfjs-backend-cpu');
    backend = await start();
  });
  afterAll(() => backend.dispose());

  it('every kernel that flows run is in the list of needed kernels', async () => {
    const used = await recorded();
    if (process.env['IMPFLOW_PRINT_KERNELS'] !== undefined) console.log(JSON.stringify(used.toSorted()));
    expect(used.filter((name) => !NEEDED_KERNELS.includes(name))).toEqual([]);
  });
});

describe('the list of needed kernels', () => {
  it.each([
    ['cpu', cpu],
    ['wasm', wasm],
  ] as const)('backend %s has every needed kernel', async (_name, adapter) => {
    const backend = await adapter().start();
    expect(missingKernels()).toEqual([]);
    backend.dispose();
  });
});
