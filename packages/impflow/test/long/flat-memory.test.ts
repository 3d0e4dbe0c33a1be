import { wasm } from '@impflow/backend-wasm';
import { drawNormal, key } from '@impflow/core';
import { buildFlow, toyPreset } from '@impflow/flows';
import { adamW, fitToEnd } from '@impflow/training';
import { mean, memory, neg } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const STEPS = 100_000;

describe('a long training', () => {
  it('the memory of a training of 100,000 steps stays constant, with native kernels if they are available', async () => {
    const { capabilities, dispose } = await wasm().start();
    const model = buildFlow(toyPreset({ blocks: 1, hidden: [16] }), { key: key(0) });
    const seen: { readonly tensors: number; readonly bytes: number }[] = [];
    await fitToEnd(
      {
        model,
        optimizer: adamW(),
        learningRate: 1e-3,
        steps: STEPS,
        key: key(1),
        batch: (_step, k) => drawNormal(k, [32, 2]),
        loss: (x, k) => neg(mean(model.logProb(x, { train: true, key: k }))),
      },
      ({ step }) => {
        if (step % (STEPS / 10) === 0) seen.push({ tensors: memory().numTensors, bytes: process.memoryUsage.rss() });
      },
    );
    console.log(`${capabilities.kernels}: ${seen.map(({ bytes }) => Math.round(bytes / 1e6)).join(', ')} MB`);
    expect(new Set(seen.map(({ tensors }) => tensors)).size).toBe(1);
    // Full garbage collections are rare (docs/decisions/012), so memory may still grow in the first half of the
    // training.
    const [early, last] = [seen[4]!.bytes, seen.at(-1)!.bytes];
    expect(last).toBeLessThan(1.1 * early);
    dispose();
  }, 1_200_000);
});
