import { cpu } from '@impflow/backend-cpu';
import { key, drawNormal } from '@impflow/core';
import {
  buildFlow,
  exportPublished,
  imagePreset,
  importPublished,
  type FlowSpec,
  type HostArray,
  type NormalizingFlow,
} from '@impflow/flows';
import { lively, onBackend } from '@impflow/testkit';
import { sigmoid, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

onBackend(cpu());

const net = { hidden: [5, 4], activation: { name: 'lipSwish' }, coeff: 0.9 };
/** Specs in which every layer exists in the published implementation. */
const plain: FlowSpec = {
  version: 1,
  dim: 2,
  base: { name: 'normal' },
  blocks: [
    { kind: 'implicit', gx: net, gz: { ...net, preactivation: true } },
    { kind: 'actNorm' },
    { kind: 'residual', g: net },
  ],
};
/** Specs with some layers that do not exist in the published implementation. */
const mixed: FlowSpec = {
  version: 1,
  dim: 3,
  base: { name: 'mixture', options: { components: 2 } },
  blocks: [
    { kind: 'standardize', mean: [0, 1, 2], scale: [1, 2, 3] },
    { kind: 'residual', g: net },
    { kind: 'coupling', hidden: [4] },
    { kind: 'linear' },
    { kind: 'implicit', gx: net, gz: net },
  ],
};
const convolutional: FlowSpec = {
  version: 1,
  dim: 32,
  shape: [4, 4, 2],
  base: { name: 'normal' },
  blocks: [
    { kind: 'logit' },
    { kind: 'actNorm' },
    { kind: 'implicit', gx: { ...net, kernels: [3, 1, 3] }, gz: { ...net, kernels: [3, 1, 3] } },
    { kind: 'squeeze' },
    { kind: 'residual', g: { ...net, kernels: [3, 1, 1] } },
    { kind: 'actNorm' },
  ],
};
const split = imagePreset({
  shape: [4, 4, 2],
  scales: 2,
  blocks: 1,
  hidden: [3],
  kernels: [3, 3],
  factorOut: true,
  dense: { blocks: 1, hidden: [4] },
});

const variablesOf = (flow: NormalizingFlow): Readonly<Record<string, HostArray & { readonly data: Float32Array }>> =>
  Object.fromEntries(
    Object.entries({ ...flow.parameters, ...flow.buffers }).map(([path, variable]) => [
      path,
      { shape: variable.shape, data: Float32Array.from(variable.dataSync()) },
    ]),
  );
/** Returns log-densities of rows between 0 and 1, because the flow can begin with a logit. */
const logProbs = (flow: NormalizingFlow): number[] =>
  tidy(() => Array.from(flow.logProb(sigmoid(drawNormal(key(2), [3, ...flow.shape]))).dataSync()));

describe.each([
  ['published layers', plain],
  ['rows with other layers', mixed],
  ['images', convolutional],
  ['images with a factorOut', split],
] as const)('%s', (_name, spec) => {
  it('an export that is imported restores bit-identical variables and densities', () => {
    // Use the default key here: it determines the permutation of a linear block, and the import uses the default key.
    const flow = lively(buildFlow(spec));
    const variables = variablesOf(flow);
    const exported = exportPublished(spec, variables);
    expect(Object.keys(exported)).toHaveLength(Object.keys(variables).length);
    const imported = importPublished(exported, { spec });
    expect(variablesOf(imported.flow)).toEqual(variables);
    expect(logProbs(imported.flow)).toEqual(logProbs(flow));
  });
});

it.each([
  ['rows', plain, {}],
  ['images', { ...convolutional, blocks: convolutional.blocks.slice(1) }, { image: [4, 4, 2] as const }],
] as const)('an export with only published layers of %s can be imported without the spec', (_name, spec, options) => {
  const flow = lively(buildFlow(spec, { key: key(1) }));
  const imported = importPublished(exportPublished(spec, variablesOf(flow)), {
    activation: 'swish',
    coeff: 0.9,
    ...options,
  });
  expect(imported.spec).toEqual(spec);
  expect(logProbs(imported.flow)).toEqual(logProbs(flow));
});

it('variables are exported under their published names, or under their paths if there is no published name', () => {
  const names = (spec: FlowSpec): string[] => Object.keys(exportPublished(spec, variablesOf(buildFlow(spec))));
  expect(names(plain)).toEqual(
    expect.arrayContaining([
      'chain.0.nnet_x.0.weight',
      'chain.0.nnet_z.1.u',
      'chain.1.bias',
      'chain.2.nnet.4.v',
      'chain.2.nnet.1.beta',
    ]),
  );
  expect(names(plain).every((name) => name.startsWith('chain.'))).toBe(true);
  expect(names(mixed)).toEqual(
    expect.arrayContaining([
      'chain.0.nnet.0.weight',
      'blocks.2.layers.0.weight',
      'blocks.3.lower',
      'chain.1.nnet_x.0.weight',
      'base.logits',
    ]),
  );
  expect(names(convolutional)).toEqual(
    expect.arrayContaining([
      'transforms.0.chain.1.weight',
      'transforms.0.chain.2.nnet_x.0.weight',
      'transforms.1.chain.0.nnet.2.u',
      'transforms.1.chain.1.bias',
    ]),
  );
});

it('exported filters are [out, in, kh, kw], and power vectors of images are flat with channels first', () => {
  const variables = variablesOf(lively(buildFlow(convolutional, { key: key(1) })));
  const exported = exportPublished(convolutional, variables);
  const {
    shape: [kh, kw, inputs, outputs],
    data,
  } = variables['blocks.2.gx.layers.0.weight']! as { shape: [number, number, number, number]; data: Float32Array };
  const theirs = exported['transforms.0.chain.2.nnet_x.0.weight']!;
  expect(theirs.shape).toEqual([outputs, inputs, kh, kw]);
  const at = (o: number, i: number, y: number, x: number): number => theirs.data[((o * inputs + i) * kh + y) * kw + x]!;
  for (let y = 0; y < kh; y++)
    for (let x = 0; x < kw; x++)
      for (let i = 0; i < inputs; i++)
        for (let o = 0; o < outputs; o++) expect(at(o, i, y, x)).toBe(data[((y * kw + x) * inputs + i) * outputs + o]);
  const v = variables['blocks.2.gx.layers.0.v']!;
  const [height, width, channels] = v.shape as [number, number, number];
  const flat = exported['transforms.0.chain.2.nnet_x.0.v']!;
  expect(flat.shape).toEqual([height * width * channels]);
  expect(flat.data[(1 * height + 2) * width + 3]).toBe(v.data[(2 * width + 3) * channels + 1]);
});

it.each([
  [
    'a missing tensor',
    (state: Record<string, HostArray>) => {
      delete state['chain.0.nnet_x.2.bias'];
    },
    /Tensors are missing: expected blocks\.0\.gx\.layers\.2\.bias/,
  ],
  [
    'an extra tensor',
    (state) => {
      state['extra'] = { shape: [1], data: [0] };
    },
    /Tensor extra does not fit: expected no such tensor/,
  ],
  [
    'a tensor of a wrong shape',
    (state) => {
      state['chain.2.nnet.0.bias'] = { shape: [7], data: [0] };
    },
    /Tensor chain\.2\.nnet\.0\.bias does not fit: expected \[5\], got \[7\]/,
  ],
] as readonly (readonly [string, (state: Record<string, HostArray>) => void, RegExp])[])(
  'importing an export with %s and the spec is refused, and the error contains the name of the tensor',
  (_name, spoil, message) => {
    const state: Record<string, HostArray> = { ...exportPublished(plain, variablesOf(buildFlow(plain))) };
    spoil(state);
    expect(() => importPublished(state, { spec: plain })).toThrow(message);
  },
);
