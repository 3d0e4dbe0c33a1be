import { assertGiven, calling, type Key, type NamedVariables } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** The base density of a flow, to which the flow maps the data. Its points are rows `[B, d]`. */
export interface BaseDistribution {
  /** Name that error messages quote, such as `normal`. */
  readonly name: string;
  /** Number of coordinates `d`. */
  readonly dim: number;
  /** Trainable variables by name; empty if there is nothing to learn. */
  readonly parameters: NamedVariables;
  /** `log p(z)` of each row in nats, `[B, d] -> [B]`, on the tape. */
  logProb(z: Tensor): Tensor;
  /** `rows` draws, `[rows, d]`. `temperature` scales the noise (default 1): below 1, draws lie nearer to the center. */
  sample(key: Key, rows: number, temperature?: number): Tensor;
}

/**
 * Returns `base.logProb(z)`.
 *
 * @throws `shape` unless the result is `[B]`: a column `[B, 1]` would broadcast to a matrix. Errors that the base
 * throws are rethrown with its name.
 */
export const baseLogProb = (base: BaseDistribution, z: Tensor): Tensor => {
  const logProb = calling('flows/logProb', 'base density', base, 'logProb', () => base.logProb(z));
  assertGiven('flows/logProb', 'base density', base, 'logProb', logProb, [z.shape[0]!]);
  return logProb;
};

/**
 * Returns `base.sample(key, rows, temperature)`.
 *
 * @throws `shape` unless the result is `[rows, d]`. Errors that the base throws are rethrown with its name.
 */
export const baseSample = (base: BaseDistribution, key: Key, rows: number, temperature: number): Tensor => {
  const z = calling('flows/sample', 'base density', base, 'sample', () => base.sample(key, rows, temperature));
  assertGiven('flows/sample', 'base density', base, 'sample', z, [rows, base.dim]);
  return z;
};
