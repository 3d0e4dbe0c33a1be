import type { Tensor } from '@tensorflow/tfjs-core';
import type { Linearization } from './contraction.ts';
import type { TensorMap } from './tensor.ts';

/** What every solver state shows to the driver; the rest of a state is the solver's own. A plain record of tensors. */
export interface Iterate {
  /** Current estimate `y`, `[B, ...event]`. */
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
  /** Evaluates `f` at `y0` once. */
  init(f: TensorMap, y0: Tensor): S;
  step(f: TensorMap, state: S): S;
}

/** `unread`: nobody knows yet, because the backend cannot be read at once; see `settle`, and `onEnd` of the solve. */
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
  /** Of the map at `value`, where it was asked for and every sample converged; owned by the caller. */
  readonly linearization?: Linearization;
}
