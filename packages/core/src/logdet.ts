import type { Tensor } from '@tensorflow/tfjs-core';
import type { Contraction } from './contraction.ts';
import type { Key } from './key.ts';

/** A point and the log-density correction of the map that led to it. */
export interface Transformed {
  /** `[B, ...event]`. */
  readonly value: Tensor;
  /** `log |det J|` per sample, `[B]`. */
  readonly logDet: Tensor;
}

/** Estimates `log det(I + J_g(x))`, which is positive and finite because `Lip(g) < 1`. */
export interface LogDetEstimator {
  readonly name: string;
  readonly bias: 'exact' | 'unbiased' | 'truncated';
  /** Returns `g(x)` too, so that no caller evaluates `g` twice. On the tape, differentiable once. */
  estimate(g: Contraction, x: Tensor, key: Key): Transformed;
}
