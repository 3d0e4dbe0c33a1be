import { wasm } from '@impflow/backend-wasm';
import { fold, key, release, scoped, type Key } from '@impflow/core';
import { toys, type Toy } from '@impflow/tables';
import { onBackend } from '@impflow/testkit';
import { adam, fitToEnd } from '@impflow/training';
import { mean, neg, tensor2d, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { buildFlow, toyPreset, type NormalizingFlow, type PresetOptions } from '../src/index.ts';

onBackend(wasm());

// A trained model must be a density: its integral must be 1, and its loss on new data must not be below the entropy.
// The models of this test are small and trained for a few dozen steps.
const MODELS: Readonly<Record<string, Partial<PresetOptions>>> = {
  implicit: { model: 'implicit', blocks: 2 },
  residual: { model: 'residual', blocks: 2 },
  monotone: { model: 'monotone', blocks: 2 },
  coupling: { model: 'coupling', blocks: 4 },
};
const STEPS = 30;
const BATCH = 100;
const HELD_OUT = 2000;

const draw = (toy: Toy, seed: Key, rows: number): Tensor => tensor2d(toy.sample(seed, rows), [rows, 2]);

const trained = async (toy: Toy, options: Partial<PresetOptions>, seed: Key): Promise<NormalizingFlow> => {
  const flow = buildFlow(toyPreset({ hidden: [32, 32], ...options }), { key: fold(seed, 0) });
  const { state } = await fitToEnd({
    model: flow,
    steps: STEPS,
    optimizer: adam(),
    learningRate: 5e-3,
    key: fold(seed, 1),
    batch: (_step, k) => draw(toy, k, BATCH),
    loss: (x) => neg(mean(flow.logProb(x, { train: true }))),
  });
  release(state);
  flow.refresh({ tolerance: 1e-5 });
  return flow;
};

/** Returns the integral of the density over `[-reach, reach]^2` by the midpoint rule on `cells^2` cells. */
const integral = (flow: NormalizingFlow, reach: number, cells: number): number => {
  const width = (2 * reach) / cells;
  const centre = (i: number): number => (i + 0.5) * width - reach;
  const grid = Float32Array.from({ length: 2 * cells * cells }, (_, k) =>
    centre(k % 2 === 0 ? Math.floor(k / 2) % cells : Math.floor(k / 2 / cells)),
  );
  const logDensity = scoped(() => flow.logProb(tensor2d(grid, [cells * cells, 2]))).dataSync<'float32'>();
  return logDensity.reduce((total, l) => total + Math.exp(l) * width * width, 0);
};

const heldOut = (flow: NormalizingFlow, rows: Tensor): { readonly nats: number; readonly standardError: number } => {
  const losses = scoped(() => neg(flow.logProb(rows))).dataSync<'float32'>();
  const nats = losses.reduce((total, l) => total + l, 0) / losses.length;
  return { nats, standardError: Math.sqrt(losses.reduce((total, l) => total + (l - nats) ** 2, 0)) / losses.length };
};

describe.each(Object.entries(MODELS))('%s flow', (_kind, options) => {
  it.each(Object.values(toys).map((toy, i) => [toy.name, toy, key(800 + i)] as const))(
    'after training on %s, the density of the model has integral 1',
    async (_name, toy, seed) => {
      const flow = await trained(toy, options, seed);
      const total = integral(flow, 10, 125);
      expect(Math.abs(total - 1)).toBeLessThan(0.02);
      const { nats, standardError } = heldOut(flow, draw(toy, fold(seed, 2), HELD_OUT));
      // The loss of a perfect model would be more than one standard error below the entropy with probability 1/6. The
      // models of this test are far from perfect, and the keys are fixed.
      expect(nats).toBeGreaterThan((toy.entropy ?? -Infinity) - standardError);
    },
  );
});
