import { fold, key, normals } from '@impflow/core';
import { buildFlow, flowSpec, type FlowSpec, type NormalizingFlow, type PresetOptions } from '@impflow/flows';
import { encodeCheckpoint } from '@impflow/training';
import { dispose, tensor, tensor2d, tidy, type Tensor } from '@tensorflow/tfjs-core';

/** Returns the spec of a small model for two columns. */
export const planar = (options: Partial<PresetOptions> = {}): FlowSpec =>
  flowSpec({ dim: 2, blocks: 2, hidden: [16, 16], scaling: { mean: [0.5, -1], scale: [1.5, 0.8] }, ...options });

/**
 * Builds a flow with random weights, similar to weights after training: no block is the identity. If `size` is above 1,
 * the norms of many layers reach their caps.
 */
export const stirred = (spec: FlowSpec, seed = 0, size = 1): NormalizingFlow => {
  const flow = buildFlow(spec, { key: key(seed) });
  Object.values(flow.parameters).forEach((parameter, i) => {
    const draw = normals(fold(key(1000 + seed), i), parameter.size);
    const values = parameter.dataSync().map((value, j) => (value === 0 ? 0.3 * draw[j]! : size * value));
    const next = tensor(Float32Array.from(values), parameter.shape);
    parameter.assign(next);
    next.dispose();
  });
  flow.refresh({ tolerance: 1e-5 });
  return flow;
};

export const disposed = (flow: NormalizingFlow): void =>
  dispose([...Object.values(flow.parameters), ...Object.values(flow.buffers)]);

/** The fields of a stored training that these tests need. */
const EXTRA = { options: {}, columns: ['x', 'y'] };

/** Returns a checkpoint of a flow. */
export const checkpointOf = (
  flow: NormalizingFlow,
  spec: unknown,
  { step = 7, extra = EXTRA }: { readonly step?: number; readonly extra?: unknown } = {},
): Promise<Uint8Array> => encodeCheckpoint({ spec, seed: 0, step, extra, model: flow });

/** Returns the checkpoint of a flow that {@link stirred} builds, and disposes of the flow. */
export const stirredCheckpoint = async (spec: FlowSpec, seed = 0, size = 1): Promise<Uint8Array> => {
  const flow = stirred(spec, seed, size);
  const bytes = await checkpointOf(flow, spec, { step: seed });
  disposed(flow);
  return bytes;
};

/** Evaluates `f` at rows and returns the result as an array. */
export const numbers = (rows: ArrayLike<number>, f: (x: Tensor) => Tensor): Float32Array =>
  tidy(() => f(tensor2d(Float32Array.from(rows), [rows.length / 2, 2]))).dataSync<'float32'>() as Float32Array;

/** Returns the largest difference between corresponding numbers of two lists. */
export const apart = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0);
