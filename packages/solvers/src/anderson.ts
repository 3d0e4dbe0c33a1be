import { add, concat, div, eye, maximum, mul, reshape, slice, sub, sum, transpose, type Tensor } from '@tensorflow/tfjs-core';
import { eliminate, sampleNorm, type Iterate, type Solver, type TensorMap } from '@impflow/core';
import { assertOption } from './options.ts';
import { combine, dots, rows } from './rows.ts';

export interface AndersonOptions {
  /** Differences of past iterates to combine, at most. Default 5; never more than an event has elements. */
  readonly memory?: number;
  /** Share of the residual that is mixed in, in `(0, 1]`. Default 1. */
  readonly damping?: number;
  /** Tikhonov term of the least squares, relative to their trace. Below `1e-7` float32 does not see it. Default `1e-6`. */
  readonly regularization?: number;
}

export interface AndersonState extends Iterate {
  /** `f(y) - y` as rows, `[B, d]`. */
  readonly gap: Tensor;
  /** Differences of past values and of past gaps, `[B, k, d]`, oldest first; `null` at the start. */
  readonly past: { readonly values: Tensor; readonly gaps: Tensor; /** Inner products of the gaps, `[B, k, k]`. */ readonly gram: Tensor } | null;
}

/**
 * Anderson acceleration (type II): with `g = f(y) - y` and the differences `dY`, `dG` of the last iterates,
 * `y <- y + damping g - (dY + damping dG) c`, where `c` minimises `|g - dG c|`, for each sample on its own.
 *
 * @remarks One evaluation per step and `k` inner products: the Gram matrix is carried along. Its regularised system has
 * positive pivots whatever the history, also one that is zero because the sample has long converged.
 * @see Walker and Ni, Anderson Acceleration for Fixed-Point Iterations, SIAM J. Numer. Anal. 49, 2011.
 */
export const anderson = ({ memory = 5, damping = 1, regularization = 1e-6 }: AndersonOptions = {}): Solver<AndersonState> => {
  assertOption(Number.isInteger(memory) && memory > 0, 'anderson', 'memory', 'a positive integer', memory);
  assertOption(damping > 0 && damping <= 1, 'anderson', 'damping', 'a number in (0, 1]', damping);
  assertOption(regularization > 0, 'anderson', 'regularization', 'a positive number', regularization);

  const at = (f: TensorMap, value: Tensor): AndersonState => {
    const gap = rows(sub(f(value), value));
    return { value, gap, residual: sampleNorm(gap), past: null };
  };

  return Object.freeze<Solver<AndersonState>>({
    name: 'anderson',
    problem: 'fixed-point',
    init: (f, y0) => at(f, y0.clone()),
    step: (f, { value, gap, past }) => {
      const y = rows(value);
      const plain = add(y, damping === 1 ? gap : mul(damping, gap));
      const next = past === null ? plain : sub(plain, correction(past, gap, damping, regularization));
      const state = at(f, reshape(next, value.shape));
      return { ...state, past: remembered(past, sub(next, y), sub(state.gap, gap), Math.min(memory, y.shape[1]!)) };
    },
  });
};

type Past = NonNullable<AndersonState['past']>;

/** `(dY + damping dG) c` with `(G + regularization tr(G) I) c = dG g`. */
const correction = ({ values, gaps, gram }: Past, gap: Tensor, damping: number, regularization: number): Tensor => {
  const [batch, k] = gram.shape as [number, number, number];
  // Scaled to trace one; the floor keeps a zero history from dividing by zero, and then the coefficients are zero.
  const identity = eye(k);
  const trace = maximum(sum(mul(gram, identity), [1, 2], true), 1e-30);
  const system = add(div(gram, trace), mul(regularization, identity));
  const rhs = div(reshape(dots(gaps, gap), [batch, k, 1]), trace);
  const coefficients = reshape(eliminate(system, rhs).solution, [batch, k]);
  return combine(damping === 1 ? add(values, gaps) : add(values, mul(damping, gaps)), coefficients);
};

/** The history with one pair more, and without the oldest where there are more than `memory`. */
const remembered = (past: Past | null, dy: Tensor, dg: Tensor, memory: number): Past => {
  const [batch, d] = dy.shape as [number, number];
  const one = (x: Tensor): Tensor => reshape(x, [batch, 1, d]);
  const square = reshape(sum(mul(dg, dg), 1), [batch, 1, 1]);
  if (past === null || memory === 1) return { values: one(dy), gaps: one(dg), gram: square };
  const held = past.gram.shape[1]!;
  const drop = Math.max(0, held + 1 - memory);
  const kept = (x: Tensor): Tensor => drop === 0 ? x : slice(x, [0, drop, 0], [batch, held - drop, d]);
  const gaps = kept(past.gaps);
  const gram = drop === 0 ? past.gram : slice(past.gram, [0, drop, drop], [batch, held - drop, held - drop]);
  const cross = reshape(dots(gaps, dg), [batch, held - drop, 1]);
  return {
    values: concat([kept(past.values), one(dy)], 1),
    gaps: concat([gaps, one(dg)], 1),
    gram: concat([concat([gram, cross], 2), concat([transpose(cross, [0, 2, 1]), square], 2)], 1),
  };
};
