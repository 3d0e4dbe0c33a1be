import {
  add,
  div,
  expandDims,
  greater,
  greaterEqual,
  lessEqual,
  logicalAnd,
  matMul,
  maximum,
  minimum,
  mul,
  neg,
  onesLike,
  sqrt,
  square,
  squeeze,
  sub,
  sum,
  where,
  zerosLike,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { rowDot } from './rows.ts';

/** A linear model of `F` at a point: `F(y + s) = image + jacobian s`. */
export interface Model {
  /** `[B, d]`. */
  readonly image: Tensor;
  /** `[B, d, d]`. */
  readonly jacobian: Tensor;
}

/** A step of length at most the radius. */
export interface Step {
  /** `[B, d]`. */
  readonly move: Tensor;
  /** Length of the move in the norm of the radius, `[B, 1]`. */
  readonly length: Tensor;
  /** `|image + jacobian move| / |image|`, `[B, 1]`: what the model says is left. */
  readonly left: Tensor;
}

/**
 * Powell's dogleg: the Newton step `full [B, d]` where it lies within `radius [B, 1]`, with its own bits; else the
 * point at the radius on the way from here to the model's minimum along the gradient of `|F|^2`, and from there to the
 * Newton step. Lengths are of `D s`, where `D` has the norms of the columns of the Jacobian: they do not depend on the
 * units of `y`. Where `full` is not finite, the way ends at the minimum along the gradient.
 *
 * @see Powell, A hybrid method for nonlinear equations, 1970; Nocedal and Wright, Numerical Optimization, 2nd ed.,
 * 11.2.
 */
export const dogleg = ({ image, jacobian }: Model, full: Tensor, radius: Tensor): Step => {
  const norms = sqrt(sum(square(jacobian), 1));
  const weights = where(greater(norms, 0), norms, onesLike(norms));
  const size = maximum(length(image), 1e-30);
  const unit = div(image, size);
  // In units of D s; of a unit image, so that no square underflows.
  const gradient = div(squeeze(matMul(expandDims(unit, 1), jacobian), [1]), weights);
  const slope = length(gradient);
  const along = times(jacobian, div(gradient, weights));
  const reach = div(mul(size, rowDot(gradient, gradient)), maximum(rowDot(along, along), 1e-30));
  const down = mul(neg(reach), gradient);
  const target = mul(full, weights);
  const reachable = length(target);
  const finite = lessEqual(reachable, Number.MAX_VALUE);
  const onward = where(finite, sub(target, down), zerosLike(down));

  const short = div(mul(neg(minimum(radius, mul(reach, slope))), gradient), maximum(slope, 1e-30));
  // |down + t onward| = radius, as the root of the quadratic equation that does not cancel.
  const [a, b, room] = [
    rowDot(onward, onward),
    maximum(rowDot(down, onward), 0),
    maximum(sub(square(radius), rowDot(down, down)), 0),
  ];
  // Nothing is beyond the minimum where the Newton step is not finite; an infinite radius gives NaN there.
  const t = where(
    finite,
    minimum(div(room, maximum(add(b, sqrt(add(square(b), mul(a, room)))), 1e-30)), 1),
    zerosLike(room),
  );
  const within = logicalAnd(finite, lessEqual(reachable, radius));
  const bent = where(greaterEqual(mul(reach, slope), radius), short, add(down, mul(t, onward)));
  const move = where(within, full, div(bent, weights));
  return { move, length: length(mul(move, weights)), left: length(add(unit, div(times(jacobian, move), size))) };
};

/** `[B, d] -> [B, 1]`. */
const length = (x: Tensor): Tensor => sqrt(rowDot(x, x));

/** `A x` for each sample, `[B, d, d], [B, d] -> [B, d]`. */
const times = (a: Tensor, x: Tensor): Tensor => squeeze(matMul(a, expandDims(x, 2)), [2]);
