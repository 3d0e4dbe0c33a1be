import type { Tensor } from '@tensorflow/tfjs-core';
import type { TensorMap } from './tensor.ts';

/** What every solver state shows to the driver; the rest of a state is the solver's own. A plain record of tensors. */
export interface Iterate {
  /** Current estimate `y`, `[B, d]`: the driver hands events over as rows. */
  readonly value: Tensor;
  /** Norm of the residual at `value`, per sample, `[B]`. */
  readonly residual: Tensor;
}

/**
 * An iterative method as a pure step machine: no loop, no read-back, no decision when to stop. Samples never mix: row `i` of
 * a state depends on row `i` of its predecessor alone.
 */
export interface Solver<S extends Iterate = Iterate> {
  readonly name: string;
  /** `fixed-point` seeks `f(y) = y`; `root` seeks `f(y) = 0`. */
  readonly problem: 'fixed-point' | 'root';
  /** Evaluates `f` at `y0 [B, d]` once. */
  init(f: TensorMap, y0: Tensor): S;
  /** The next iterate. Where `f` is evaluated rather than linearized, the last evaluation is at the new `value`. */
  step(f: TensorMap, state: S): S;
  /** The method in terms that a kernel for whole solves may know. */
  readonly recipe?: Recipe;
}

/** A method that kernels know: see {@link WholeMap}. */
export type Recipe =
  | { readonly method: 'quasi-newton'; readonly maxDim: number }
  | { readonly method: 'anderson'; readonly memory: number; readonly damping: number; readonly regularization: number };

/** When a sample is done, and when a run ends. */
export interface WholeCriteria extends Readonly<Record<'atol' | 'rtol' | 'divergence' | 'maxSteps', number>> {}

/** A whole run of one method, each sample on its own. The tensors belong to the scope of the caller. */
export interface WholeRun {
  /** The best iterate of each sample, `[B, ...event]`. */
  readonly value: Tensor;
  /** `[4 B]`: residual and tolerance at the best iterate, the latest residual, and the residual at which a sample is lost. */
  readonly evidence: Tensor;
  /** Steps of each sample, `[B]`. */
  readonly steps: Tensor;
}

/** A map `f` that can run a whole solve of `f(y) = y` from its start, where the backend has a kernel for it. */
export interface WholeMap extends TensorMap {
  whole(recipe: Recipe, criteria: WholeCriteria): WholeRun | undefined;
}

/** `unread`: not known yet, because the backend cannot be read at once; see `settle`, and `onEnd` of the solve. */
export type SolveStatus = 'converged' | 'max-steps' | 'diverged' | 'non-finite' | 'unread';

export interface SolveStats {
  /** The solver that finished, the last of `path`. */
  readonly solver: string;
  /** Steps of all solvers of `path` together. */
  readonly steps: number;
  /** Evaluations of the map, linearisations included. */
  readonly evaluations: number;
  /** Residual norm of each sample at its best iterate, `[B]`; empty where unread. */
  readonly residual: Float32Array;
  /** 1 where the sample met its tolerance, `[B]`; empty where unread. */
  readonly converged: Uint8Array;
  /** What the solve came to for each sample, `[B]`; empty where unread. The status of the whole solve is the worst of them: non-finite, then diverged, then max-steps. */
  readonly status: readonly SolveStatus[];
  /** The solvers that ran, in order. */
  readonly path: readonly string[];
}

/** What a solve came to. */
export interface SolveEnd {
  readonly status: SolveStatus;
  readonly stats: SolveStats;
}

export interface Solution extends SolveEnd {
  /** The best iterate of each sample, `[B, ...event]`; owned by the caller. */
  readonly value: Tensor;
}
