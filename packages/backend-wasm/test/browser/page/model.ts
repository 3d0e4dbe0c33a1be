import { key, normals } from '@impflow/core';
import { buildFlow, toyPreset, type FlowSpec, type NormalizingFlow } from '@impflow/flows';
import type { FitOptions } from '@impflow/training';
import { mean, neg, tensor2d, type Tensor } from '@tensorflow/tfjs-core';

export const spec: FlowSpec = toyPreset({ blocks: 1, hidden: [16, 16] });

export const learnable = (seed: number): Pick<FitOptions, 'loss'> & { readonly model: NormalizingFlow } => {
  const model = buildFlow(spec, { key: key(seed) });
  return {
    model,
    loss: (batch, lossKey, report) => neg(mean(model.logProb(batch, { key: lossKey, train: true, report }))),
  };
};

const ROWS = 128;

/**
 * The distribution of the data points is narrower than the base density and not centered. So an untrained flow fits the
 * data badly.
 */
export const points = (): Tensor =>
  tensor2d(
    Float32Array.from(normals(key(5), 2 * ROWS), (value, i) => 0.4 * value + (i % 2 === 0 ? 1 : -1)),
    [ROWS, 2],
  );
