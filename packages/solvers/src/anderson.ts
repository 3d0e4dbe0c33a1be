import { eliminate, kernel, sampleNorm, type Iterate, type Solver, type TensorMap } from '@impflow/core';
import {
  add,
  concat,
  div,
  expandDims,
  eye,
  matMul,
  maximum,
  mul,
  slice,
  sub,
  sum,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { assertOption } from './solve-options.ts';

/** Options of {@link anderson}. */
export interface AndersonOptions {
  /**
   * Largest number of differences of past iterates that a step combines. The number is limited to the number of
   * elements of an event. Default 5.
   */
  readonly memory?: number;
  /** Fraction of the gap `f(y) - y` that a step adds to the iterate, in `(0, 1]`. Default 1. */
  readonly damping?: number;
  /**
   * Tikhonov regularization of the least-squares problem, relative to the trace of the Gram matrix. Default 1e-6. A
   * number below 1e-7 has no effect in float32.
   */
  readonly regularization?: number;
}

/** State of {@link anderson}. */
export interface AndersonState extends Iterate {
  /** The gap `f(y) - y = -F(y)`, `[B, d]`. */
  readonly gap: Tensor;
  /** The previous iterate; `null` before the first step. */
  readonly previous: EvaluatedIterate | null;
  /**
   * Differences between successive iterates, up to the iterate `previous`. The field is `null` if there are no
   * differences yet. The next step appends the difference between `previous` and this iterate.
   */
  readonly differencesToPrevious: Differences | null;
}

/** An iterate and its gap `f(y) - y`. */
interface EvaluatedIterate {
  /** The iterate `y`, `[B, d]`. */
  readonly value: Tensor;
  /** The gap `f(y) - y`, `[B, d]`. */
  readonly gap: Tensor;
}

/** Differences between successive iterates, oldest first. */
interface Differences {
  /** Differences of the values, `[B, k, d]`. */
  readonly values: Tensor;
  /** Differences of the gaps, `[B, k, d]`. */
  readonly gaps: Tensor;
}

/**
 * Anderson acceleration (type II): with `g = f(y) - y` and the differences `dY`, `dG` of the last iterates,
 * `y <- y + damping g - (dY + damping dG) c`. Here `c` minimizes `|g - dG c|`, for each sample separately.
 *
 * @remarks A step costs one evaluation and `k^2 / 2` inner products. One fused kernel computes the step if the backend
 * has it. The regularized Gram matrix has positive pivots for all past iterates, even for a converged sample, whose
 * differences are zero.
 * @throws `option` for options out of range.
 * @see Walker and Ni, Anderson Acceleration for Fixed-Point Iterations, SIAM J. Numer. Anal. 49, 2011.
 */
export const anderson = ({
  memory = 5,
  damping = 1,
  regularization = 1e-6,
}: AndersonOptions = {}): Solver<AndersonState> => {
  assertOption(Number.isInteger(memory) && memory > 0, 'anderson', 'memory', 'a positive integer', memory);
  assertOption(damping > 0 && damping <= 1, 'anderson', 'damping', 'a number in (0, 1]', damping);
  assertOption(regularization > 0, 'anderson', 'regularization', 'a positive number', regularization);

  const stateAt = (
    f: TensorMap,
    value: Tensor,
    past: Pick<AndersonState, 'previous' | 'differencesToPrevious'>,
  ): AndersonState => {
    const gap = sub(f(value), value);
    return { value, gap, residual: sampleNorm(gap), ...past };
  };

  return Object.freeze<Solver<AndersonState>>({
    name: 'anderson',
    problem: 'fixed-point',
    recipe: { method: 'anderson', memory, damping, regularization },
    init: (f, y0) => stateAt(f, y0.clone(), { previous: null, differencesToPrevious: null }),
    step: (f, { value, gap, previous, differencesToPrevious }) => {
      const here = { value, gap };
      if (previous === null) {
        const next = add(value, scaled(gap, damping));
        return stateAt(f, next, { previous: here, differencesToPrevious: null });
      }
      const [values, gaps, next] = accelerated(here, previous, differencesToPrevious, {
        memory: Math.min(memory, gap.shape[1]!),
        damping,
        regularization,
      });
      return stateAt(f, next, { previous: here, differencesToPrevious: { values, gaps } });
    },
  });
};

const scaled = (x: Tensor, factor: number): Tensor => (factor === 1 ? x : mul(factor, x));

/**
 * Computes one step of Anderson acceleration. Inputs: `y [B, d]` and its gap `g = f(y) - y`, the previous iterate
 * `lastY` and its gap `lastGap`, and the earlier differences `values`, `gaps [B, k, d]`, oldest first. The pair
 * `(y - lastY, g - lastGap)` is appended to the differences; if there are more than `memory` differences, the oldest
 * are dropped. Returns `[values', gaps', next]` with `next = y + damping g - (values' + damping gaps')^T c`. The
 * coefficients `c` solve `(G + regularization I) c = r`. `G` contains the inner products of `gaps'` with each other,
 * and `r` the inner products of `gaps'` with `g`. `G` and `r` are divided by the trace of `G`, or by `1e-30` if the
 * trace is smaller.
 */
const andersonKernel = kernel<
  Readonly<Record<'y' | 'gap' | 'lastY' | 'lastGap', Tensor>> & Partial<Differences>,
  Required<AndersonOptions>
>('ImpflowAnderson');

/** Returns `[dY, dG, next]`: the differences, including the newest difference, and the next iterate. */
const accelerated = (
  { value: y, gap }: EvaluatedIterate,
  previous: EvaluatedIterate,
  past: Differences | null,
  attributes: Required<AndersonOptions>,
): readonly [Tensor, Tensor, Tensor] =>
  andersonKernel.run({ y, gap, lastY: previous.value, lastGap: previous.gap, ...past }, attributes, () => {
    const { memory, damping, regularization } = attributes;
    const values = appended(past?.values, sub(y, previous.value), memory);
    const gaps = appended(past?.gaps, sub(gap, previous.gap), memory);
    const identity = eye(gaps.shape[1]!);
    const gram = matMul(gaps, gaps, false, true);
    // Scale the Gram matrix to trace 1. The lower bound avoids a division by zero: if all differences are zero, the
    // coefficients are zero.
    const trace = maximum(sum(mul(gram, identity), [1, 2], true), 1e-30);
    const coefficients = eliminate(
      add(div(gram, trace), mul(regularization, identity)),
      div(matMul(gaps, expandDims(gap, 2)), trace),
    ).solution;
    const correction = sum(mul(add(values, scaled(gaps, damping)), coefficients), 1);
    return [values, gaps, sub(add(y, scaled(gap, damping)), correction)];
  });

/** Appends `x [B, d]` to the differences `[B, k, d]`, and drops the oldest if there are more than `memory`. */
const appended = (past: Tensor | undefined, x: Tensor, memory: number): Tensor => {
  const newest = expandDims(x, 1);
  if (past === undefined || memory === 1) return newest;
  const dropped = Math.max(0, past.shape[1]! + 1 - memory);
  return concat([dropped === 0 ? past : slice(past, [0, dropped, 0]), newest], 1);
};
