import type { Shape } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** A map at a batch of points, with its derivatives. */
export interface Local {
  /** The value, `[B, ...event]`. */
  readonly value: Tensor;
  /** `J t` of a stack, `[K, B, ...event]`. */
  jvp(tangents: Tensor): Tensor;
  /** `J^T w` of a stack, `[K, B, ...event]`. */
  vjp(cotangents: Tensor): Tensor;
  /** The gradient of `<u, g(x)> + sum_k <w_k, J t_k>`, for the points and the explicit weights. */
  pullback(u: Tensor, t: Tensor, w: Tensor): { readonly x: Tensor; readonly weights: readonly Tensor[] };
  /** Ends the use of the map at these points. */
  dispose(): void;
}

/** A map whose values and derivatives are compared. */
export interface Subject {
  /** Name of the case, for messages. */
  readonly what: string;
  readonly shape: Shape;
  at(x: Tensor): Local;
  /** Number of terms of the longest sums: see {@link rounding}. */
  readonly terms: number;
  /** Whether the value or its slope jumps. */
  readonly kinks: boolean;
}

/** The arguments of a check. */
export interface Batch {
  readonly x: Tensor;
  readonly u: Tensor;
  readonly t: Tensor;
  readonly w: Tensor;
  /** See `rowScales`. */
  readonly scales: readonly number[];
}

/** Smallest number of rows of a batch with special rows. */
export const SPECIAL = 4;
