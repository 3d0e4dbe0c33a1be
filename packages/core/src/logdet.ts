import type { Tensor } from '@tensorflow/tfjs-core';
import type { Key } from './key.ts';
import type { NetLinearization, Pair } from './linearization.ts';

/** A point and the log-density correction of the map that led to it. */
export interface Transformed {
  /** `[B, ...event]`. */
  readonly value: Tensor;
  /** `log |det J|` per sample, `[B]`. */
  readonly logDet: Tensor;
}

/** An estimate of `log det(I + J)`, and its gradient: `d log det = sum_k <c_k, dJ t_k>`. */
export interface Estimate {
  /** `[B]`. */
  readonly logDet: Tensor;
  /** Absent where the linearization does not track. */
  readonly pair?: Pair;
}

/** Estimates `log det(I + J_g(x))`, which is positive and finite because `Lip(g) < 1`. */
export interface LogDetEstimator {
  readonly name: string;
  readonly bias: 'exact' | 'unbiased' | 'truncated';
  /** From `g` at a point. Off the tape; the tensors belong to the scope of the caller. */
  estimate(g: NetLinearization, key: Key): Estimate;
}
