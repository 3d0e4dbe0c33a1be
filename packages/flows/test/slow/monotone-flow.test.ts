import { wasm } from '@impflow/backend-wasm';
import { impflow } from '@impflow/bijector-monotone';
import { fold, key, release, scoped, sizeOf, type Key } from '@impflow/core';
import {
  buildFlow,
  extendRegistries,
  builtInRegistries,
  toyPreset,
  type FlowSpec,
  type NetSpec,
  type NormalizingFlow,
} from '@impflow/flows';
import { toy } from '@impflow/tables';
import { onBackend } from '@impflow/testkit';
import { adam, fitToEnd } from '@impflow/training';
import { mean, neg, tensor2d, type Tensor } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

onBackend(wasm());

const extended = extendRegistries(builtInRegistries, { impflow }, '@impflow/bijector-monotone');
const STEPS = 300;

// Returns the spec of a flow with `nets` nets. The preset makes two residual blocks in place of each block of the
// option `blocks`.
const spec = (model: 'monotone' | 'residual', nets: number): FlowSpec =>
  toyPreset({ model, blocks: model === 'residual' ? nets / 2 : nets, hidden: [32, 32] });
const moons = (k: Key, rows: number): Tensor => tensor2d(toy('moons').sample(k, rows), [rows, 2]);
const sizeOfModel = ({ parameters }: NormalizingFlow): number =>
  Object.values(parameters).reduce((total, { shape }) => total + sizeOf(shape), 0);

const trained = async (
  model: 'monotone' | 'residual',
  nets: number,
): Promise<{ readonly nats: number; readonly size: number }> => {
  const flow = buildFlow(spec(model, nets), { key: key(81), registries: extended });
  const { state } = await fitToEnd({
    model: flow,
    steps: STEPS,
    optimizer: adam(),
    learningRate: 5e-3,
    key: key(82),
    batch: (_step, k) => moons(k, 200),
    loss: (x, k, report) => neg(mean(flow.logProb(x, { train: true, key: k, report }))),
  });
  release(state);
  flow.refresh({ tolerance: 1e-5 });
  const nats = scoped(() => neg(mean(flow.logProb(moons(fold(key(83), 0), 4000)))).dataSync()[0]!);
  const size = sizeOfModel(flow);
  release([flow.parameters, flow.buffers]);
  return { nats, size };
};

it('a flow with monotone blocks can be built from a spec, with the usual parameter names', () => {
  const g: NetSpec = { hidden: [32, 32], activation: { name: 'sin' }, coeff: 0.99 };
  const written: FlowSpec = {
    version: 1,
    dim: 2,
    base: { name: 'normal' },
    blocks: [
      { kind: 'monotone', g },
      { kind: 'monotone', g },
    ],
  };
  expect(spec('monotone', 2)).toEqual(written);
  const flow = buildFlow(written, { registries: extended });
  expect(Object.keys(flow.parameters).slice(0, 2)).toEqual(['blocks.0.g.layers.0.weight', 'blocks.0.g.layers.0.bias']);
  release([flow.parameters, flow.buffers]);
});

it(`after ${STEPS} steps on moons, monotone and residual flows of equal size have losses below 2.5 nats`, async () => {
  const [ours, theirs] = [await trained('monotone', 4), await trained('residual', 4)];
  expect(ours.size).toBe(theirs.size);
  // After training, the losses are 2.45 and 2.43 nats. The benchmark compares more seeds and steps.
  expect(theirs.nats).toBeLessThan(2.5);
  expect(ours.nats).toBeLessThan(2.5);
});
