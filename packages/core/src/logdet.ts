import type { Tensor } from '@tensorflow/tfjs-core';
import type { Key } from './key.ts';
import type { NetLinearization, Pair } from './linearization.ts';

/** Image of a point under a map, with the log-determinant of the map at this point. */
export interface Transformed {
  /** Image, `[B, ...event]`. */
  readonly value: Tensor;
  /** `log |det J|` per sample, `[B]`. */
  readonly logDet: Tensor;
}

/** An estimate of `log det(I + J)`. */
export interface Estimate {
  /** Estimate of each sample, `[B]`. */
  readonly logDet: Tensor;
  /** Gradient of the estimate, `d log det = sum_k <c_k, dJ t_k>`. Absent if the linearization is not `tracked`. */
  readonly pair?: Pair;
}

/** Estimates `log det(I + J_g(x))`. The determinant is positive and finite because `Lip(g) < 1`. */
export interface LogDetEstimator {
  /** Name of the method, for messages. */
  readonly name: string;
  /**
   * `exact`: no error. `unbiased`: the mean of the error over keys is zero. `truncated`: the error of a truncated
   * series.
   */
  readonly bias: 'exact' | 'unbiased' | 'truncated';
  /**
   * Returns the estimate from the linearization of `g` at a point. Runs off the tape. The result belongs to the
   * caller's scope.
   */
  estimate(g: NetLinearization, key: Key): Estimate;
}
