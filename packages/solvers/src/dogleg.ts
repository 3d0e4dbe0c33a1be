import {
  add,
  div,
  greater,
  greaterEqual,
  less,
  lessEqual,
  logicalAnd,
  maximum,
  minimum,
  mul,
  neg,
  onesLike,
  sqrt,
  square,
  sub,
  sum,
  where,
  zerosLike,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { matVec, rowDot, vecMat } from './batch-linalg.ts';

/** A linear model of `F` at a point: `F(y + s) = image + jacobian s`. */
interface LinearModel {
  /** The value `F(y)` at the point, `[B, d]`. */
  readonly image: Tensor;
  /** The Jacobian `J_F(y)` at the point, `[B, d, d]`. */
  readonly jacobian: Tensor;
}

/** A step whose length is at most the radius of the trust region. */
export interface DoglegStep {
  /** The step from the current point, `[B, d]`. */
  readonly move: Tensor;
  /** Length of the step `move`, in the norm of the radius, `[B, 1]`. */
  readonly length: Tensor;
  /**
   * `|image + jacobian move| / |image|`, `[B, 1]`: the residual after the step that the linear model predicts, relative
   * to the residual before the step.
   */
  readonly predictedRatio: Tensor;
}

/**
 * Computes a step by Powell's dogleg method. Returns `newtonStep [B, d]` unchanged if its length is at most
 * `radius [B, 1]`. If `newtonStep` is longer than `radius`, the function returns the point at distance `radius` on a
 * path. The path leads from the current point to the Cauchy point, which is the model's minimum along the gradient of
 * `|F|^2`, and then to the Newton point. The length of a step `s` is `|D s|`, where the diagonal matrix `D` contains
 * the norms of the columns of the Jacobian. The length `|D s|` does not depend on the units of `y`. If `newtonStep` is
 * not finite, the path ends at the Cauchy point.
 *
 * @see Powell, A hybrid method for nonlinear equations, 1970; Nocedal and Wright, Numerical Optimization, 2nd ed.,
 * 11.2.
 */
export const dogleg = ({ image, jacobian }: LinearModel, newtonStep: Tensor, radius: Tensor): DoglegStep => {
  const norms = sqrt(sum(square(jacobian), 1));
  const weights = where(greater(norms, 0), norms, onesLike(norms));
  const size = maximum(lengthOf(image), 1e-30);
  const unit = div(image, size);
  // Points and the gradient are in units of D s. The gradient is computed for an image scaled to norm 1: otherwise
  // squares could underflow.
  const gradient = div(vecMat(unit, jacobian), weights);
  const slope = lengthOf(gradient);

  // The Cauchy point, as a multiple of the gradient.
  const imageOfGradient = matVec(jacobian, div(gradient, weights));
  const multiple = div(mul(size, rowDot(gradient, gradient)), maximum(rowDot(imageOfGradient, imageOfGradient), 1e-30));
  const cauchy = mul(neg(multiple), gradient);
  const cauchyLength = mul(multiple, slope);
  const cutCauchy = div(mul(neg(minimum(radius, cauchyLength)), gradient), maximum(slope, 1e-30));

  // The Newton point, and the vector from the Cauchy point to it.
  const newtonPoint = mul(newtonStep, weights);
  const newtonLength = lengthOf(newtonPoint);
  const finite = less(newtonLength, Number.POSITIVE_INFINITY);
  const cauchyToNewton = where(finite, sub(newtonPoint, cauchy), zerosLike(cauchy));
  // |cauchy + t cauchyToNewton| = radius, by the formula for the root of a quadratic equation that avoids cancellation.
  const a = rowDot(cauchyToNewton, cauchyToNewton);
  const b = maximum(rowDot(cauchy, cauchyToNewton), 0);
  const c = maximum(sub(square(radius), rowDot(cauchy, cauchy)), 0);
  // If the Newton step is not finite, the path ends at the Cauchy point: set t to 0, because an infinite radius would
  // give NaN.
  const t = where(finite, minimum(div(c, maximum(add(b, sqrt(add(square(b), mul(a, c)))), 1e-30)), 1), zerosLike(c));

  const newtonIsWithin = logicalAnd(finite, lessEqual(newtonLength, radius));
  const cauchyIsBeyond = greaterEqual(cauchyLength, radius);
  const bent = where(cauchyIsBeyond, cutCauchy, add(cauchy, mul(t, cauchyToNewton)));
  const move = where(newtonIsWithin, newtonStep, div(bent, weights));
  return {
    move,
    length: lengthOf(mul(move, weights)),
    predictedRatio: lengthOf(add(unit, div(matVec(jacobian, move), size))),
  };
};

/** Returns the length of each row, `[B, d] -> [B, 1]`. */
const lengthOf = (x: Tensor): Tensor => sqrt(rowDot(x, x));
