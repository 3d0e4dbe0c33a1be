import { assertGiven, calling, type Key, type NamedVariables } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * The base density of a flow: the distribution to which the flow maps the data. A batch of points of the base is
 * `[B, d]`.
 */
export interface BaseDistribution {
  /** Name of the base density for error messages, such as `normal`. */
  readonly name: string;
  /** Number of coordinates `d`. */
  readonly dim: number;
  /** Trainable variables by name; empty for a base without parameters. */
  readonly parameters: NamedVariables;
  /** Returns `log p(z)` of each row in nats, `[B, d] -> [B]`. Differentiable. */
  logProb(z: Tensor): Tensor;
  /**
   * Returns `rows` samples, `[rows, d]`. `temperature` scales the noise (default 1): below 1, samples lie nearer to the
   * center.
   */
  sample(key: Key, rows: number, temperature?: number): Tensor;
}

/**
 * Returns `base.logProb(z)`.
 *
 * @throws `shape` unless the result is `[B]`: a column `[B, 1]` would broadcast to a matrix. If `base.logProb` throws,
 * the error is rethrown with the name of the base.
 */
export const baseLogProb = (base: BaseDistribution, z: Tensor): Tensor => {
  const logProb = calling('flows/logProb', 'base density', base, 'logProb', () => base.logProb(z));
  assertGiven('flows/logProb', 'base density', base, 'logProb', logProb, [z.shape[0]!]);
  return logProb;
};

/**
 * Returns `base.sample(key, rows, temperature)`.
 *
 * @throws `shape` unless the result is `[rows, d]`. If `base.sample` throws, the error is rethrown with the name of the
 * base.
 */
export const baseSample = (base: BaseDistribution, key: Key, rows: number, temperature: number): Tensor => {
  const z = calling('flows/sample', 'base density', base, 'sample', () => base.sample(key, rows, temperature));
  assertGiven('flows/sample', 'base density', base, 'sample', z, [rows, base.dim]);
  return z;
};
