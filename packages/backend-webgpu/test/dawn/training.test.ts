import { wasm } from '@impflow/backend-wasm';
import { webgpu } from '@impflow/backend-webgpu';
import { drawNormal, key, release, type BackendAdapter } from '@impflow/core';
import { buildFlow, toyPreset } from '@impflow/flows';
import { adam, fitToEnd } from '@impflow/training';
import { mean, neg } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

interface Trained {
  /** Loss of each step. */
  readonly losses: readonly number[];
  /** Log-densities of the training rows after the training. */
  readonly densities: readonly number[];
}

/** Trains a small implicit flow on one batch. */
const trained = async (adapter: BackendAdapter): Promise<Trained> => {
  const backend = await adapter.start();
  const flow = buildFlow(toyPreset({ blocks: 1, hidden: [16] }), { key: key(1) });
  const rows = drawNormal(key(2), [40, 2]);
  const losses: number[] = [];
  const { state } = await fitToEnd(
    {
      model: flow,
      optimizer: adam(),
      learningRate: 0.05,
      steps: 6,
      key: key(3),
      batch: () => rows.clone(),
      loss: (x, k, report) => neg(mean(flow.logProb(x, { train: true, key: k, report }))),
    },
    ({ loss }) => {
      losses.push(loss);
    },
  );
  const result = flow.logProb(rows);
  const densities = [...result.dataSync()];
  release([state, flow.parameters, flow.buffers, rows, result]);
  backend.dispose();
  return { losses, densities };
};

const largestGap = (got: readonly number[], wanted: readonly number[]): number =>
  Math.max(...wanted.map((value, i) => Math.abs(got[i]! - value)));

describe('training an implicit flow on WebGPU in Node', () => {
  let [here, there]: (Trained | undefined)[] = [];
  beforeAll(async () => {
    there = await trained(wasm());
    here = await trained(webgpu());
  });

  it('the loss of each step agrees with the loss on the wasm backend', () => {
    expect(here!.losses).toHaveLength(6);
    expect(largestGap(here!.losses, there!.losses)).toBeLessThan(1e-4);
  });

  it('training on WebGPU lowers the loss', () => {
    expect(here!.losses.at(-1)).toBeLessThan(here!.losses[0]! - 0.1);
  });

  it('the log-densities of the trained flow agree with the wasm backend, and can be read synchronously', () => {
    expect(here!.densities).toHaveLength(40);
    expect(largestGap(here!.densities, there!.densities)).toBeLessThan(1e-3);
  });
});
