import { wasm } from '@impflow/backend-wasm';
import { key, drawUniform, valueAndGradients, type Backend, type SolveStats } from '@impflow/core';
import { memory, tensor1d, tidy } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { equilibrium, learn, lossOf, parameters, unrolled, type Layer } from '../deq.mjs';
import { digits } from '../digits.mjs';

let backend: Backend;
beforeAll(async () => {
  backend = await wasm().start();
});
afterAll(() => {
  backend.dispose();
});

it('the gradient of an equilibrium agrees with the gradient of 60 unrolled layers', () => {
  const weights = parameters();
  const [x, labels] = [drawUniform(key(5), [7, 784]), tensor1d([0, 1, 2, 3, 4, 5, 9], 'int32')];
  const gradient = (layer: Layer): Readonly<Record<string, Float32Array>> =>
    tidy(() => {
      const { gradients } = valueAndGradients(() => lossOf(weights, layer, x, labels), weights);
      return Object.fromEntries(
        Object.entries(gradients).map(([name, g]) => [name, g.dataSync<'float32'>() as Float32Array]),
      ) as never;
    });
  const [got, wanted] = [gradient(equilibrium(undefined, 1e-7)), gradient(unrolled(60))];
  for (const [name, g] of Object.entries(wanted)) {
    const size = Math.hypot(...g);
    expect(size).toBeGreaterThan(0);
    expect(Math.hypot(...g.map((entry, i) => entry - got[name]![i]!)) / size, name).toBeLessThan(1e-4);
  }
});

it('an equilibrium layer learns to classify digits, and its memory does not depend on the tolerance', () => {
  const data = digits({ train: 150, test: 50 });
  const before = memory().numTensors;
  const taken: SolveStats[] = [];
  const [coarse, fine] = [
    learn(
      equilibrium((stats) => {
        taken.push(stats);
      }),
      { data, epochs: 6 },
    ),
    learn(equilibrium(undefined, 1e-6), { data, epochs: 1 }),
  ];
  const [four, sixteen] = [4, 16].map((depth) => learn(unrolled(depth), { data, epochs: 1 }));
  expect(memory().numTensors).toBe(before);
  expect(coarse.accuracy).toBeGreaterThan(0.85);
  expect(taken.every(({ converged }) => converged.every((done) => done === 1))).toBe(true);
  expect(coarse.kept).toBe(fine.kept);
  expect(coarse.kept).toBeLessThan(four!.kept);
  expect(four!.kept).toBeLessThan(sixteen!.kept);
});
