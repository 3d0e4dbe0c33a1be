import { FlowError, reshaped, sampleNorm, shown, type Iterate, type Solver } from '@impflow/core';
import {
  abs,
  add,
  clipByValue,
  concat,
  div,
  fill,
  greaterEqual,
  lessEqual,
  logicalAnd,
  max,
  maximum,
  minimum,
  mul,
  neg,
  reshape,
  slice,
  square,
  sub,
  sum,
  tile,
  where,
  zerosLike,
  type Tensor,
} from '@tensorflow/tfjs-core';

/** Options of {@link dfSane}. */
export interface DfSaneOptions {
  /**
   * Number of past residuals. A step may increase the residual up to the largest past residual. Default 10. With
   * `memory: 1`, the residual may rise only by the slack.
   */
  readonly memory?: number;
  /** Fraction of `|F|^2` by which a step of length one must reduce `|F|^2`, in `(0, 1)`. Default 1e-4. */
  readonly decrease?: number;
  /**
   * After `k` accepted steps, `|F|^2` may rise by its first value times `slack / (1 + k)^2`. `slack` must be at least
   * 0. Default 0.1.
   */
  readonly slack?: number;
}

/** State of {@link dfSane}. */
export interface DfSaneState extends Iterate {
  /** Image of the iterate: `F(y)`, `[B, d]`. */
  readonly image: Tensor;
  /** Search direction `-sigma F(y)`, `[B, d]`. */
  readonly direction: Tensor;
  /** Multiple of the direction that the next step tries, `[B, 1]`; negative for the opposite direction. */
  readonly length: Tensor;
  /**
   * Multiple of the direction that is tried after the next trial is rejected, `[B, 1]`. `opposite` and `length` have
   * opposite signs.
   */
  readonly opposite: Tensor;
  /**
   * `|F|^2` at the last accepted iterates, newest first, `[B, memory]`. If there are fewer than `memory` accepted
   * iterates, the remaining entries are the value at the start.
   */
  readonly merits: Tensor;
  /** `|F|^2` at the start, `[B, 1]`. */
  readonly first: Tensor;
  /** Number of accepted steps, `[B, 1]`. */
  readonly accepted: Tensor;
}

/**
 * DF-SANE, the derivative-free spectral residual method: `y <- y + a d` with `d = -sigma F(y)`. The spectral step
 * `sigma = s^T s / s^T dF`, from the last step `s`, is the inverse of a Rayleigh quotient of the mean Jacobian along
 * `s`. A backtracking line search in both directions finds `a`, and allows the residual to rise at times:
 * `|F(y + a d)|^2 <= max of the last |F|^2 + slack |F_0|^2 / (1 + k)^2 - decrease a^2 |F(y)|^2`.
 *
 * @remarks A step costs one evaluation. The method needs no Jacobian, and stores `memory` past values of `|F|^2` per
 * sample. In each step, each sample tries one new point. If the point is rejected, the sample stays at its iterate. In
 * later steps the sample tries the opposite direction, and after that both directions with shorter lengths, while other
 * samples continue. Limits of the iterates are roots if the symmetric part of the Jacobian is positive or negative
 * definite, as for all `F(y) = y - f(y)` with `Lip(f) < 1`. If not, the method may end at a point that is not a root.
 * In the paper the slack is `|F_0| / (1 + k)^2`, which depends on the units of `F`.
 * @throws `option` for options out of range.
 * @see La Cruz, Martinez, Raydan, Spectral residual method without gradient information for solving large-scale
 * nonlinear systems of equations, Math. Comp. 75, 2006.
 */
export const dfSane = ({ memory = 10, decrease = 1e-4, slack = 0.1 }: DfSaneOptions = {}): Solver<DfSaneState> => {
  assertOption(Number.isInteger(memory) && memory > 0, 'memory', 'a positive integer', memory);
  assertOption(decrease > 0 && decrease < 1, 'decrease', 'a number in (0, 1)', decrease);
  assertOption(slack >= 0, 'slack', 'a number >= 0', slack);
  return Object.freeze<Solver<DfSaneState>>({
    name: 'df-sane',
    problem: 'root',
    init: (f, y0) => {
      const image = rows(f(y0));
      const [merit, one] = [rowDot(image, image), fill([y0.shape[0]!, 1], 1)];
      return {
        value: y0.clone(),
        residual: sampleNorm(image),
        image,
        direction: neg(image),
        length: one,
        opposite: neg(one),
        merits: tile(merit, [1, memory]),
        first: merit,
        accepted: zerosLike(one),
      };
    },
    step: (f, state) => {
      const { value, residual, image, direction, length, opposite, merits, first, accepted } = state;
      const move = mul(length, direction);
      const there = add(value, reshaped(move, value.shape));
      const imageThere = rows(f(there));
      const [merit, meritThere] = [slice(merits, [0, 0], [-1, 1]), rowDot(imageThere, imageThere)];
      const rise = div(mul(slack, first), square(add(1, accepted)));
      // Comparisons with NaN are false, so a trial is rejected if F is not finite.
      const enough = lessEqual(
        meritThere,
        sub(add(max(merits, 1, true), rise), mul(decrease, mul(square(length), merit))),
      );
      const residualThere = sampleNorm(imageThere);
      const sigma = spectral(move, sub(imageThere, image), residualThere);
      const one = add(zerosLike(length), 1);
      return {
        value: where(
          reshape(
            enough,
            value.shape.map((n, i) => (i === 0 ? n : 1)),
          ),
          there,
          value,
        ),
        residual: where(reshape(enough, [-1]), residualThere, residual),
        image: where(enough, imageThere, image),
        direction: where(enough, neg(mul(sigma, imageThere)), direction),
        length: where(enough, one, opposite),
        opposite: where(enough, neg(one), shortened(length, merit, meritThere)),
        merits: where(enough, concat([meritThere, slice(merits, [0, 0], [-1, memory - 1])], 1), merits),
        first,
        accepted: where(enough, add(accepted, 1), accepted),
      };
    },
  });
};

const assertOption = (holds: boolean, name: string, expected: string, got: number): void => {
  if (!holds) throw new FlowError('option', 'solver-df-sane/dfSane', `Wrong ${name}`, { expected, got: shown(got) });
};

/** Reshapes samples to rows, `[B, ...event] -> [B, d]`. */
const rows = (x: Tensor): Tensor => reshaped(x, [x.shape[0]!, x.size / x.shape[0]!]);

/** Returns the inner products of corresponding rows, `[B, d], [B, d] -> [B, 1]`. */
const rowDot = (a: Tensor, b: Tensor): Tensor => sum(mul(a, b), 1, true);

/**
 * Returns `s^T s / s^T dF`. If the quotient is too small, too large or not finite, returns a length that depends on the
 * size of the residual, as in section 4 of the paper.
 */
const spectral = (s: Tensor, dF: Tensor, residual: Tensor): Tensor => {
  const sigma = div(rowDot(s, s), rowDot(s, dF));
  const usable = logicalAnd(greaterEqual(abs(sigma), SMALLEST), lessEqual(abs(sigma), LARGEST));
  return where(usable, sigma, reshape(clipByValue(div(1, residual), 1, 1e5), [-1, 1]));
};

const SMALLEST = 1e-10;
const LARGEST = 1e10;

/**
 * Returns the length that minimizes a parabola, limited to between a tenth and a half of the previous length. The
 * parabola has the values of `|F|^2` at the iterate and at the rejected trial, and the slope `-2 |F|^2` at the iterate.
 */
const shortened = (length: Tensor, merit: Tensor, meritThere: Tensor): Tensor => {
  const size = abs(length);
  const best = div(mul(square(length), merit), add(meritThere, mul(sub(mul(2, size), 1), merit)));
  const within = where(greaterEqual(best, 0), minimum(maximum(best, mul(0.1, size)), mul(0.5, size)), mul(0.1, size));
  return where(greaterEqual(length, 0), within, neg(within));
};
