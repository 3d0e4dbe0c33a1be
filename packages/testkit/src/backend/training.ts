import { fold, key, normals, release, type BackendAdapter, type Key } from '@impflow/core';
import { buildFlow, toyPreset } from '@impflow/flows';
import { adam, fitToEnd } from '@impflow/training';
import { mean, neg, tensor2d, type Tensor } from '@tensorflow/tfjs-core';
import { held } from '../kept.ts';
import { listen, type Listening } from '../listening.ts';

/** Result of a training run. */
export interface Run {
  /** Loss of each step. */
  readonly losses: readonly number[];
  /** Numbers of tensors and buffers after each step. */
  readonly held: readonly ReturnType<typeof held>[];
  /** Tensors made in step {@link WATCHED} that still exist after the step, for a message. */
  readonly left: string;
}

/** Step whose tensors are listed. By then all permanent tensors exist. */
export const WATCHED = 5;

const BATCH = 64;
/** Number of batches. The batches repeat, so that the first losses and the last losses are for the same points. */
const BATCHES = 8;

/** Draws points `(z1, z2 + z1^2 / 2)`, where `z1` and `z2` are normal numbers. */
const bent = (k: Key): Tensor => {
  const z = normals(k, 2 * BATCH);
  return tensor2d(
    Float32Array.from(z, (entry, i) => (i % 2 === 0 ? entry : entry + z[i - 1]! ** 2 / 2)),
    [BATCH, 2],
  );
};

/** Starts a backend and trains a small implicit flow on it. All backends use the same seed. */
export const trained = async (adapter: BackendAdapter, steps: number): Promise<Run> => {
  const backend = await adapter.start();
  let heard: Listening | undefined;
  try {
    const flow = buildFlow(toyPreset({ blocks: 2, hidden: [16, 16] }), { key: key(91) });
    const [losses, counts]: [number[], ReturnType<typeof held>[]] = [[], []];
    let left = '';
    const { state } = await fitToEnd(
      {
        model: flow,
        optimizer: adam(),
        learningRate: 5e-3,
        steps,
        key: fold(key(91), 1),
        batch: (step) => bent(fold(fold(key(91), 2), step % BATCHES)),
        loss: (x, k, report) => neg(mean(flow.logProb(x, { train: true, key: k, report }))),
      },
      ({ loss }) => {
        losses.push(loss);
        counts.push(held());
        if (losses.length === WATCHED) heard = listen();
        if (losses.length === WATCHED + 1) {
          heard!.stop();
          left = heard!.left();
        }
      },
    );
    release([state, flow.parameters, flow.buffers]);
    return { losses, held: counts, left };
  } finally {
    heard?.stop();
    backend.dispose();
  }
};

/** Returns the mean loss of the first pass over all batches. */
export const early = (losses: readonly number[]): number => average(losses.slice(0, BATCHES));
/** Returns the mean loss of the last pass over all batches. */
export const late = (losses: readonly number[]): number => average(losses.slice(-BATCHES));
const average = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0) / values.length;
