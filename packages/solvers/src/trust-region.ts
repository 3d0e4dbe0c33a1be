import {
  concat,
  div,
  fill,
  greater,
  lessEqual,
  max,
  maximum,
  minimum,
  mul,
  onesLike,
  reshape,
  slice,
  square,
  sub,
  where,
  zeros,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { select } from './batch-linalg.ts';
import type { DoglegStep } from './dogleg.ts';

/** State of the trust region of each sample. */
export interface TrustRegion {
  /**
   * The longest step that the linear model is trusted for, `[B, 1]`, as `dogleg` measures it. Infinite until a step is
   * rejected.
   */
  readonly radius: Tensor;
  /** The residuals of the accepted iterates before this one, newest first, `[B, PAST]`; 0 where there were fewer. */
  readonly past: Tensor;
}

/**
 * Number of past residuals. A step may raise the residual up to the largest of them and of the present one: see
 * {@link accepted}.
 */
const PAST = 10;
/**
 * Factor by which the first step may raise the residual. On steep contractions it rises before it falls, and full steps
 * are the fastest.
 */
const FIRST_RISE = 10;

/** Returns the trust regions of a batch before the first step. */
export const firstTrustRegion = (batch: number): TrustRegion => ({
  radius: fill([batch, 1], Number.POSITIVE_INFINITY),
  past: zeros([batch, PAST]),
});

/**
 * Decides whether each sample accepts a step from `residual [B]` to `nextResidual [B]`, `isAccepted [B]` (bool), and
 * returns its trust region after that.
 */
export const acceptOrReject = (
  { radius, past }: TrustRegion,
  residual: Tensor,
  nextResidual: Tensor,
  step: DoglegStep,
): TrustRegion & { readonly isAccepted: Tensor } => {
  const before = reshape(residual, [-1, 1]);
  const ratio = reshape(div(nextResidual, residual), [-1, 1]);
  const trial: Trial = {
    squaredRatio: square(ratio),
    predictedFall: sub(1, square(step.predictedRatio)),
    allowedRatio: largestAllowed(past, before),
  };
  const column = accepted(trial);
  const isAccepted = reshape(column, [-1]);
  return {
    isAccepted,
    radius: nextRadius(radius, step.length, column, trial),
    past: select(isAccepted, concat([before, slice(past, [0, 0], [-1, PAST - 1])], 1), past),
  };
};

/** A step of each sample; all `[B, 1]`, relative to the residual before it. */
interface Trial {
  /** Square of the residual after the step. */
  readonly squaredRatio: Tensor;
  /** By how much the linear model predicts that the square falls. */
  readonly predictedFall: Tensor;
  /** Largest residual that may be accepted, relative to the one before. */
  readonly allowedRatio: Tensor;
}

/** The largest of the past residuals and the one `before [B, 1]`, relative to `before`. */
const largestAllowed = (past: Tensor, before: Tensor): Tensor => {
  // `past` is 0 before the first accepted step.
  const hasPast = greater(slice(past, [0, 0], [-1, 1]), 0);
  const rise = where(hasPast, onesLike(before), fill([before.shape[0]!, 1], FIRST_RISE));
  return mul(rise, div(maximum(max(past, 1, true), before), before));
};

/**
 * Whether the residual falls below the largest allowed one, by a small part of the predicted fall. Comparisons with NaN
 * are false: where `F` is not finite, the step is rejected.
 */
const accepted = ({ squaredRatio, predictedFall, allowedRatio }: Trial): Tensor =>
  lessEqual(squaredRatio, sub(square(allowedRatio), mul(1e-4, predictedFall)));

/**
 * Radius after the step, `[B, 1]`: at least twice the length of an accepted step that reaches three quarters of the
 * predicted fall, a quarter of the length of a rejected one, else unchanged. The maximum keeps an infinite radius
 * infinite.
 */
const nextRadius = (
  radius: Tensor,
  length: Tensor,
  isAccepted: Tensor,
  { squaredRatio, predictedFall }: Trial,
): Tensor => {
  const isGood = lessEqual(squaredRatio, sub(1, mul(0.75, predictedFall)));
  const longer = where(isGood, maximum(radius, mul(2, length)), radius);
  return where(isAccepted, longer, mul(0.25, minimum(length, radius)));
};
