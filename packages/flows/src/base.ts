import { assertGiven, type Key, type NamedVariables } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** The density that a flow maps the data to. */
export interface BaseDistribution {
  readonly name: string;
  readonly dim: number;
  readonly parameters: NamedVariables;
  /** `log p(z)` of each row, `[B, d] -> [B]`, on the tape. */
  logProb(z: Tensor): Tensor;
  /** `[rows, d]`. A temperature below 1 draws nearer to the centre. */
  sample(key: Key, rows: number, temperature?: number): Tensor;
}

/** `base.logProb(z)`. @throws `shape` unless it is `[B]`: a column would broadcast to a matrix. */
export const baseLogProb = (base: BaseDistribution, z: Tensor): Tensor => {
  const logProb = base.logProb(z);
  assertGiven('flows/logProb', 'base density', base, 'logProb', logProb, [z.shape[0]!]);
  return logProb;
};

/** `base.sample(key, rows, temperature)`. @throws `shape` unless it is `[rows, d]`. */
export const baseSample = (base: BaseDistribution, key: Key, rows: number, temperature: number): Tensor => {
  const z = base.sample(key, rows, temperature);
  assertGiven('flows/sample', 'base density', base, 'sample', z, [rows, base.dim]);
  return z;
};
