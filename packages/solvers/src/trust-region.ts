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
   * Radius: the largest length of a step for which the linear model is trusted, `[B, 1]`, in the norm of `dogleg`. The
   * radius is infinite until a step is rejected.
   */
  readonly radius: Tensor;
  /**
   * The residuals of the last `PAST` accepted iterates before the current iterate, newest first, `[B, PAST]`. Missing
   * entries are 0.
   */
  readonly past: Tensor;
}

/**
 * Number of past residuals that are stored. A step may increase the residual up to the maximum of the past residuals
 * and the current residual: see {@link accepted}.
 */
const PAST = 10;
/**
 * Factor by which the first step may increase the residual. On steep contractions the residual rises before it falls,
 * and full steps converge fastest.
 */
const FIRST_RISE = 10;

/** Returns the initial trust regions of a batch. */
export const firstTrustRegion = (batch: number): TrustRegion => ({
  radius: fill([batch, 1], Number.POSITIVE_INFINITY),
  past: zeros([batch, PAST]),
});

/**
 * Decides for each sample whether it accepts a step from `residual [B]` to `nextResidual [B]`. Returns the decision
 * `isAccepted [B]` (bool) and the trust regions after the step.
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

/** Properties of a step of each sample. All tensors are `[B, 1]`, relative to the residual before the step. */
interface Trial {
  /** Square of the residual after the step. */
  readonly squaredRatio: Tensor;
  /** Decrease of the squared residual that the linear model predicts. */
  readonly predictedFall: Tensor;
  /** Largest residual that may be accepted, relative to the residual before the step. */
  readonly allowedRatio: Tensor;
}

/** Returns the largest residual that may be accepted, as a multiple of the residual `before [B, 1]`. */
const largestAllowed = (past: Tensor, before: Tensor): Tensor => {
  // `past` is 0 before the first accepted step.
  const hasPast = greater(slice(past, [0, 0], [-1, 1]), 0);
  const rise = where(hasPast, onesLike(before), fill([before.shape[0]!, 1], FIRST_RISE));
  return mul(rise, div(maximum(max(past, 1, true), before), before));
};

/**
 * Returns whether the residual is below the largest allowed residual by at least a small fraction of the predicted
 * decrease. Comparisons with NaN are false, so a step to a point where `F` is not finite is rejected.
 */
const accepted = ({ squaredRatio, predictedFall, allowedRatio }: Trial): Tensor =>
  lessEqual(squaredRatio, sub(square(allowedRatio), mul(1e-4, predictedFall)));

/**
 * Returns the radius after the step, `[B, 1]`. After an accepted step that reaches three quarters of the predicted
 * decrease, the radius is at least twice the length of the step. After a rejected step, the radius is a quarter of the
 * length of the step. After any other step, the radius does not change. The maximum in the formula keeps an infinite
 * radius infinite.
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
