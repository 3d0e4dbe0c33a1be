import { fold, key, normals, release, type BackendAdapter, type Key } from '@impflow/core';
import { buildFlow, toy } from '@impflow/flows';
import { adam, fitToEnd } from '@impflow/training';
import { backend as current, mean, memory, neg, tensor2d, type Tensor } from '@tensorflow/tfjs-core';

/** What a run of training leaves to judge. */
export interface Run {
  readonly losses: readonly number[];
  /** Tensors and buffers after each step. */
  readonly tensors: readonly number[];
  readonly buffers: readonly number[];
}

const BATCH = 64;
/** Batches that come again and again: the first losses and the last are then of the same points. */
const BATCHES = 8;

/** A bent normal: `(z1, z2 + z1^2 / 2)`. */
const bent = (k: Key): Tensor => {
  const z = normals(k, 2 * BATCH);
  return tensor2d(Float32Array.from(z, (entry, i) => i % 2 === 0 ? entry : entry + z[i - 1]! ** 2 / 2), [BATCH, 2]);
};

/** Trains a small implicit flow on a backend of its own, from the same seed everywhere. */
export const trained = async (adapter: BackendAdapter, steps: number): Promise<Run> => {
  const backend = await adapter.start();
  try {
    const flow = buildFlow(toy({ blocks: 2, hidden: [16, 16] }), { key: key(91) });
    const [losses, tensors, buffers]: [number[], number[], number[]] = [[], [], []];
    const { state } = await fitToEnd({
      model: flow, optimizer: adam(), learningRate: 5e-3, steps, key: fold(key(91), 1),
      batch: (step) => bent(fold(fold(key(91), 2), step % BATCHES)),
      loss: (x, k, report) => neg(mean(flow.logProb(x, { train: true, key: k, report }))),
    }, ({ loss }) => {
      losses.push(loss);
      tensors.push(memory().numTensors);
      buffers.push(current().numDataIds());
    });
    release([state, flow.parameters, flow.buffers]);
    return { losses, tensors, buffers };
  } finally {
    backend.dispose();
  }
};

/** The mean loss of the first round of all batches, and of the last. */
export const early = (losses: readonly number[]): number => average(losses.slice(0, BATCHES));
export const late = (losses: readonly number[]): number => average(losses.slice(-BATCHES));
const average = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0) / values.length;
