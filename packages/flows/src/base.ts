import type { Key, NamedVariables } from '@impflow/core';
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
