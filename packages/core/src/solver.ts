import type { Tensor } from '@tensorflow/tfjs-core';
import type { TensorMap } from './tensor.ts';

/**
 * The part of a solver state that `solve` reads. A state is a plain record of tensors; it may have further fields.
 */
export interface Iterate {
  /** Current estimate `y`, `[B, d]`. `solve` flattens events to rows. */
  readonly value: Tensor;
  /** Norm of the residual at `value`, per sample, `[B]`. */
  readonly residual: Tensor;
}

/**
 * An iterative method as a pure step function. A solver has no loop, does not read tensors, and does not decide when to
 * stop. Samples are independent: row `i` of a state depends only on row `i` of the previous state.
 */
export interface Solver<S extends Iterate = Iterate> {
  /** Name of the method, for messages. */
  readonly name: string;
  /** Problem that the method solves: `f(y) = y` for `fixed-point`, `f(y) = 0` for `root`. */
  readonly problem: 'fixed-point' | 'root';
  /** Returns the first state. Evaluates `f` at `y0 [B, d]` once. */
  init(f: TensorMap, y0: Tensor): S;
  /**
   * Returns the next state. If a solver evaluates `f` without linearizing it, the last evaluation is at the new
   * `value`.
   */
  step(f: TensorMap, state: S): S;
  /** Description of the method for kernels that run whole solves. Absent if no kernel implements the method. */
  readonly recipe?: Recipe;
}

/** A method that kernels for whole solves implement; see {@link WholeMap}. */
export type Recipe =
  | { readonly method: 'quasi-newton'; readonly maxDim: number }
  | { readonly method: 'anderson'; readonly memory: number; readonly damping: number; readonly regularization: number };

/**
 * Stopping criteria. A sample has converged where its residual is at most `atol + rtol |y|`. A sample has diverged
 * where its residual reaches `divergence` times the first residual. A solve ends after `maxSteps` steps.
 */
export interface WholeCriteria extends Readonly<Record<'atol' | 'rtol' | 'divergence' | 'maxSteps', number>> {}

/** Result of a whole solve in one kernel. Samples are independent. The tensors belong to the scope of the caller. */
export interface WholeSolve {
  /** The best iterate of each sample, `[B, ...event]`. */
  readonly value: Tensor;
  /**
   * Four vectors `[B]` in one, `[4 B]`, in this order: residual and tolerance at the best iterate, last residual,
   * divergence limit.
   */
  readonly evidence: Tensor;
  /** Number of steps of each sample, `[B]`. */
  readonly steps: Tensor;
}

/** A map `f` that can run a whole solve of `f(y) = y` in one kernel. */
export interface WholeMap extends TensorMap {
  /** Runs the solve. Returns undefined where the backend has no kernel for it. */
  whole(recipe: Recipe, criteria: WholeCriteria): WholeSolve | undefined;
}

/**
 * How a solve ended. `max-steps`: the tolerance was not met within the largest number of steps, which is 1 for a
 * method without steps. `unread`: the result is not known yet, because the backend has no synchronous reads; see
 * `settle`, and `onEnd` of the solve.
 */
export type SolveStatus = 'converged' | 'max-steps' | 'diverged' | 'non-finite' | 'unread';

/** Statistics of a solve. */
export interface SolveStats {
  /** Name of the solver that finished, the last of `path`. */
  readonly solver: string;
  /** Number of steps of all solvers of `path` together. */
  readonly steps: number;
  /** Number of evaluations of the map, including linearizations. */
  readonly evaluations: number;
  /** Residual norm of each sample at its best iterate, `[B]`; empty where unread. */
  readonly residual: Float32Array;
  /** 1 for each sample that met its tolerance, else 0, `[B]`; empty where unread. */
  readonly converged: Uint8Array;
  /**
   * Status of the solve of each sample, `[B]`; empty where unread. The status of the whole solve is the worst status of
   * a sample; from worst to best: non-finite, diverged, max-steps, converged.
   */
  readonly status: readonly SolveStatus[];
  /** Names of the solvers that ran, in order. */
  readonly path: readonly string[];
}

/** Result of a solve without its value. */
export interface SolveEnd {
  /** How the solve ended. */
  readonly status: SolveStatus;
  /** Statistics of the solve. */
  readonly stats: SolveStats;
}

/** Result of a solve. */
export interface Solution extends SolveEnd {
  /** The best iterate of each sample, `[B, ...event]`; owned by the caller. */
  readonly value: Tensor;
}
