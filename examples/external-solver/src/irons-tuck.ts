import { FlowError, sampleNorm, type Iterate, type Solver, type TensorMap } from '@impflow/core';
import {
  add,
  clipByValue,
  div,
  greater,
  mul,
  neg,
  onesLike,
  reshape,
  sub,
  sum,
  where,
  type Tensor,
} from '@tensorflow/tfjs-core';

export interface IronsTuckOptions {
  /** Factor `w` of the first step, in `(0, 1]`. Default 1. */
  readonly first?: number;
  /** Each factor `w` is kept within `[1 / most, most]`. Default 10. */
  readonly most?: number;
}

export interface IronsTuckState extends Iterate {
  /** `g = f(y) - y` as rows, `[B, d]`. */
  readonly gap: Tensor;
  /** The factor of the next step, `[B, 1]`. */
  readonly factor: Tensor;
}

/**
 * Aitken's relaxation for vectors: `y <- y + w g` with `g = f(y) - y`, and after each step
 * `w <- -w <g, g' - g> / |g' - g|^2`, for each sample separately. For an affine map with the same slope in every
 * direction, the second step is exact.
 *
 * @remarks A step costs one evaluation and two inner products. Besides the iterate, the state holds only the residual
 * and the factor.
 * @throws `option` for options out of range.
 * @see Irons and Tuck, A Version of the Aitken Accelerator for Computer Iteration, Int. J. Numer. Methods Eng. 1, 1969.
 */
export const ironsTuck = ({ first = 1, most = 10 }: IronsTuckOptions = {}): Solver<IronsTuckState> => {
  if (!(first > 0 && first <= 1))
    throw new FlowError('option', 'irons-tuck', 'Wrong first', { expected: 'a number in (0, 1]', got: String(first) });
  if (!(most > 1))
    throw new FlowError('option', 'irons-tuck', 'Wrong most', { expected: 'a number above 1', got: String(most) });

  return Object.freeze<Solver<IronsTuckState>>({
    name: 'irons-tuck',
    problem: 'fixed-point',
    init: (f, y0) => {
      const gap = gapAt(f, y0);
      return { value: y0.clone(), residual: sampleNorm(gap), gap, factor: mul(first, onesLike(sum(gap, 1, true))) };
    },
    step: (f, { value, gap, factor }) => {
      const next = add(value, reshape(mul(factor, gap), value.shape));
      const after = gapAt(f, next);
      return {
        value: next,
        residual: sampleNorm(after),
        gap: after,
        factor: clipByValue(relaxed(factor, gap, sub(after, gap)), 1 / most, most),
      };
    },
  });
};

/** Returns `f(y) - y` with each sample as a row, `[B, d]`. */
const gapAt = (f: TensorMap, y: Tensor): Tensor => reshape(sub(f(y), y), [y.shape[0]!, -1]);

/**
 * Returns the next factor of each row, or the previous factor if the residual of the row does not change. The function
 * selects entries with `where` instead of adjusting the quotient, so a NaN stays in its own row.
 */
const relaxed = (factor: Tensor, gap: Tensor, change: Tensor): Tensor => {
  const squared = sum(mul(change, change), 1, true);
  const moves = greater(squared, 0);
  return where(
    moves,
    neg(div(mul(factor, sum(mul(gap, change), 1, true)), where(moves, squared, onesLike(squared)))),
    factor,
  );
};
