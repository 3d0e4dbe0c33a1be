import { cpu } from '@impflow/backend-cpu';
import { key, drawNormal } from '@impflow/core';
import { buildFlow, importPublished, type FlowSpec, type HostArray } from '@impflow/flows';
import { lively, onBackend } from '@impflow/testkit';
import { tidy } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

onBackend(cpu());

const net = { hidden: [5, 4], activation: { name: 'lipSwish' }, coeff: 0.9 };
const spec: FlowSpec = {
  version: 1,
  dim: 2,
  base: { name: 'normal' },
  blocks: [
    { kind: 'implicit', gx: net, gz: { ...net, preactivation: true } },
    { kind: 'actNorm' },
    { kind: 'residual', g: net },
  ],
};

/** Returns the state dict of a flow, with the key names, copies and counters of the published implementation. */
const published = (prefix = ''): { readonly state: Record<string, HostArray>; readonly logProb: () => number[] } => {
  const flow = lively(buildFlow(spec, { key: key(1) }));
  const state = Object.fromEntries(
    Object.entries({ ...flow.parameters, ...flow.buffers }).map(([path, variable]): [string, HostArray] => [
      prefix +
        path
          .replace('blocks.', 'chain.')
          .replace('gx.layers', 'nnet_x')
          .replace('gz.layers', 'nnet_z')
          .replace('g.layers', 'nnet'),
      { shape: variable.shape, data: Float32Array.from(variable.dataSync()) },
    ]),
  );
  return {
    state: {
      ...state,
      'chain.0.nnet_x_copy.0.weight': { shape: [1], data: [0] },
      'chain.0.last_n_samples': { shape: [1], data: [3] },
    },
    logProb: () => logProbs(flow),
  };
};
const logProbs = (flow: ReturnType<typeof buildFlow>): number[] =>
  tidy(() => Array.from(flow.logProb(drawNormal(key(2), [5, 2])).dataSync()));
const options = { activation: 'swish', coeff: 0.9 };

it.each(['', 'module.'])('a state dict whose names have the prefix "%s" is imported as the original flow', (prefix) => {
  const { state, logProb } = published(prefix);
  const imported = importPublished(state, options);
  expect(imported.spec).toEqual(spec);
  expect(logProbs(imported.flow)).toEqual(logProb());
  expect(imported.paths.get(`${prefix}chain.2.nnet.0.weight`)).toBe('blocks.2.g.layers.0.weight');
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
    'a bias of a wrong shape',
    (state) => {
      state['chain.2.nnet.0.bias'] = { shape: [7], data: [0] };
    },
    /Tensor chain\.2\.nnet\.0\.bias does not fit: expected \[5\], got \[7\]/,
  ],
  [
    'a weight of a wrong shape',
    (state) => {
      state['chain.2.nnet.2.weight'] = { shape: [4, 9], data: [0] };
    },
    /Tensor chain\.2\.nnet\.2\.weight does not fit: expected \[4, 5\], got \[4, 9\]/,
  ],
  [
    'an extra tensor',
    (state) => {
      state['chain.2.nnet.9.bias'] = { shape: [7], data: [0] };
    },
    /Tensor chain\.2\.nnet\.9\.bias does not fit: expected no such tensor/,
  ],
  [
    'a tensor that has fewer numbers than its shape',
    (state) => {
      state['chain.2.nnet.0.bias'] = { shape: [5], data: [0] };
    },
    /Tensor chain\.2\.nnet\.0\.bias does not fit: expected 5 numbers, got 1/,
  ],
  [
    'no published names',
    (state) => {
      for (const name of Object.keys(state)) delete state[name];
      state['layer1.weight'] = { shape: [1], data: [0] };
    },
    /No published key names: expected names such as chain\.0\.nnet_x\.0\.weight, got layer1\.weight/,
  ],
  [
    'no tensors',
    (state) => {
      for (const name of Object.keys(state)) delete state[name];
    },
    /got an empty file/,
  ],
] as readonly (readonly [string, (state: Record<string, HostArray>) => void, RegExp])[])(
  '`importPublished` refuses a state dict with %s, and the error describes the cause',
  (_name, spoil, message) => {
    const { state } = published();
    spoil(state);
    expect(() => importPublished(state, options)).toThrow(
      expect.objectContaining({ code: 'checkpoint', message: expect.stringMatching(message) as string }) as Error,
    );
  },
);

it('`importPublished` refuses an unknown activation, and an activation that lacks the parameters of the state dict', () => {
  const { state } = published();
  expect(() => importPublished(state, { ...options, activation: 'sin' })).toThrow(
    /beta does not fit: expected no such tensor.*Check the activation/,
  );
  expect(() => importPublished(state, { ...options, activation: 'swisch' })).toThrow(/Unknown activation/);
});
