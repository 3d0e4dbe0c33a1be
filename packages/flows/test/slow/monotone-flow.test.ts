import { wasm } from '@impflow/backend-wasm';
import { fold, key, release, scoped, sizeOf, type Key } from '@impflow/core';
import { buildFlow, toyPreset, type NormalizingFlow } from '@impflow/flows';
import { toy } from '@impflow/tables';
import { onBackend } from '@impflow/testkit';
import { adam, fitToEnd } from '@impflow/training';
import { mean, neg, tensor2d, type Tensor } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

onBackend(wasm());

const STEPS = 300;

const moons = (k: Key, rows: number): Tensor => tensor2d(toy('moons').sample(k, rows), [rows, 2]);
const sizeOfModel = ({ parameters }: NormalizingFlow): number =>
  Object.values(parameters).reduce((total, { shape }) => total + sizeOf(shape), 0);

const trained = async (model: 'monotone' | 'residual'): Promise<{ readonly nats: number; readonly size: number }> => {
  const flow = buildFlow(toyPreset({ model, blocks: 2, hidden: [32, 32] }), { key: key(81) });
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

it(`after ${STEPS} steps on moons, monotone and residual flows of equal size have losses below 2.5 nats`, async () => {
  const [monotone, residual] = [await trained('monotone'), await trained('residual')];
  expect(monotone.size).toBe(residual.size);
  // After training, the losses are 2.45 and 2.43 nats. `tools/bench/blocks.mjs` compares more seeds and steps.
  expect(residual.nats).toBeLessThan(2.5);
  expect(monotone.nats).toBeLessThan(2.5);
});
