import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { onBackend } from '@impflow/testkit';
import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { digits } from '../../digits.mjs';
import type { ModelName } from '../../models.mjs';
import { stepper, trainOn } from '../../train.mjs';

const MODELS: readonly ModelName[] = ['mlp', 'convNet'];
const data = digits({ train: 100, test: 30 });

const losses = async (name: ModelName, steps: number): Promise<readonly number[]> => {
  const { step, dispose } = stepper(name, { batchSize: 16, data });
  const seen: number[] = [];
  for (let i = 0; i < steps; i++) seen.push(await step());
  dispose();
  return seen;
};

describe('a program of tfjs-layers on digits', () => {
  const wanted = new Map<ModelName, readonly number[]>();
  beforeAll(async () => {
    const reference = await cpu().start();
    for (const name of MODELS) wanted.set(name, await losses(name, 4));
    reference.dispose();
  });
  onBackend(wasm());

  it.each(MODELS)('%s: the first training steps agree with the cpu backend', async (name) => {
    const got = await losses(name, 4);
    got.forEach((loss, i) => {
      expect(Math.abs(loss - wanted.get(name)![i]!)).toBeLessThan(1e-4);
    });
    expect(got.at(-1)).toBeLessThan(got[0]!);
  });

  it.each(MODELS)('%s learns to classify the digits', async (name) => {
    const { losses: epochs, accuracy } = await trainOn(name, { epochs: 3, batchSize: 32, data });
    expect(epochs.at(-1)).toBeLessThan(0.5 * epochs[0]!);
    expect(accuracy).toBeGreaterThan(0.8);
  });

  it.each(MODELS)('%s: a training step leaves no tensors in memory', async (name) => {
    const { step, dispose } = stepper(name, { batchSize: 16, data });
    await step();
    const { numTensors, numBytes } = memory();
    await step();
    await step();
    expect(memory()).toMatchObject({ numTensors, numBytes });
    dispose();
  });
});
