import { sub, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import {
  customOp, FlowError, identity, isFlowError, recording, scoped, sizeOf, type Linearization, type LinearizeOptions, type SolveEnd, type Solver, type TensorMap,
} from '@impflow/core';
import type { AdjointSolver } from './adjoint.ts';
import { directAdjoint } from './direct-adjoint.ts';
import type { OnEnd } from './end.ts';
import { identityMinus, inForm, isDifferentiable } from './forms.ts';
import { iterativeAdjoint } from './iterative-adjoint.ts';
import { linearizationOf, linearizeByTape } from './linearize.ts';
import { solve, type SolveOptions } from './solve.ts';

/**
 * The map of an implicit equation. Variables that it closes over receive gradients, and so do tensors. But tensors computed
 * within the loss die with the forward pass, and the map runs once more in the backward pass: those must be `inputs`.
 */
export interface ImplicitMap {
  (y: Tensor, ...inputs: Tensor[]): Tensor;
  /** Spares the tape: several times faster. */
  linearize?(y: Tensor, inputs: readonly Tensor[], options?: LinearizeOptions): Linearization;
  /** The map of some samples alone: spares those that are done, where no gradient is recorded. */
  among?(samples: Tensor1D, inputs: readonly Tensor[]): TensorMap;
}

export interface ImplicitOptions extends SolveOptions {
  readonly solver: Solver;
  /** Passed to the map after `y`; gradients reach them. Default none. */
  readonly inputs?: readonly Tensor[];
  /** Default: direct up to ten dimensions, iterative above. */
  readonly adjoint?: AdjointSolver;
  /** What each backward solve came to: its failures are neither thrown nor hidden. */
  readonly onAdjoint?: OnEnd;
}

export interface ImplicitResult extends SolveEnd {
  /** `[B, ...event]`, on the tape. */
  readonly value: Tensor;
  /** Of the map at `value`, where `linearize` asked for it and every sample converged; belongs to the caller. */
  readonly linearization?: Linearization;
}

/**
 * The solution `y*` of `f(y) = y` (or `f(y) = 0`) as a differentiable function of all that `f` reads; memory does not grow with
 * the steps of the solver. `y0` is only a start: no gradient flows into it.
 *
 * By the implicit function theorem `dy* = (I - J_f)^-1 df`: the backward pass solves `(I - J_f)^T u = dy` and hands `u` to one
 * evaluation of `f` at the constant `y*`. Differentiable once.
 *
 * @remarks Beside the solves: nothing, where the map's linearization can be used again and the solve converged; else one
 * evaluation and one linearization of `f`, and neither where no gradient is recorded. A sample whose solve failed gets the
 * adjoint of its best iterate: look at `status`.
 * @throws `input` in the backward pass, where `f` fails because it reads a tensor that is gone.
 * @see Lu, Chen, Li, Wang, Zhu, Implicit Normalizing Flows, 2021, arXiv:2103.09527, equation (9).
 * @example
 * ```ts
 * import { wasm } from '@impflow/backend-wasm';
 * import { anderson, implicit } from '@impflow/solvers';
 * import { add, grad, mul, sin, sum, tensor2d, type Tensor } from '@tensorflow/tfjs-core';
 *
 * await wasm().start();
 * const x = tensor2d([[1], [2]]);
 * // y = 0.5 sin(y) + x, and the slope of its solution: 1 / (1 - 0.5 cos(y)).
 * const solved = (at: Tensor): Tensor => implicit((y, b) => add(mul(0.5, sin(y)), b!), at, { solver: anderson(), inputs: [at] }).value;
 * console.log(solved(x).dataSync(), grad((at) => sum(solved(at)))(x).dataSync());
 * ```
 */
export const implicit = (f: ImplicitMap, y0: Tensor, options: ImplicitOptions): ImplicitResult => {
  const { solver, inputs = [], adjoint = adjointFor(y0), onAdjoint, linearize = false, ...solving } = options;
  const { problem = solver.problem } = solving;
  const solution = solve(solver, given(f, inputs), y0, { ...solving, problem, linearize: linearize || recording() });
  if (!recording()) return solution;

  const { value: y, status, stats } = solution;
  // The adjoint and an exact log-determinant read the Jacobian, the solver may not have.
  const found = solution.linearization;
  const linearization = adjoint.jacobian === true && found?.jacobian === undefined && found?.reuse !== undefined ? found.reuse.whole() : found;
  const reuse = linearization?.reuse;
  // Small, where it is all that the backward pass reads.
  const jacobian = adjoint.jacobian === true ? linearization?.jacobian : undefined;
  try {
    const image = (): Tensor => {
      if (reuse === undefined) return inForm(given(f, inputs), problem, 'fixed-point')(y);
      return problem === 'fixed-point' ? reuse.apply(y) : sub(y, reuse.apply(y));
    };
    /** `y - f(y)` linearized at the solution. */
    const residualAt = ({ y, inputs, tensors }: Saved): Linearization => {
      if (jacobian !== undefined) return linearizationOf(y, problem === 'root' ? tensors[0]! : sub(identity(jacobian.shape[1]!), tensors[0]!));
      if (reuse !== undefined) return problem === 'root' ? reuse.over(tensors) : identityMinus(reuse.over(tensors), y);
      const F = inForm(given(f, inputs), problem, 'root');
      return isDifferentiable(F) ? F.linearize(y, { jacobian: adjoint.jacobian === true }) : linearizeByTape(F, y);
    };
    const value = scoped(() => customOp([image()], {
      forward: () => ({ value: y.clone(), saved: { y, inputs, tensors: jacobian === undefined ? reuse?.tensors ?? [] : [jacobian] } }),
      backward: (dy, saved) => [scoped(() => revived(() => {
        const residual = residualAt(saved);
        try {
          return adjoint.solve(residual, dy, onAdjoint).value;
        } finally {
          residual.dispose();
        }
      }))],
    }));
    if (linearize && linearization !== undefined) return { value, status, stats, linearization };
    linearization?.dispose();
    return { value, status, stats };
  } finally {
    y.dispose();
  }
};

/** What the backward pass finds again. */
interface Saved {
  readonly y: Tensor;
  readonly inputs: readonly Tensor[];
  readonly tensors: readonly Tensor[];
}

/** Elimination costs `d` sweeps over `[B, d, 2 d]`; above about ten dimensions a few vector-Jacobian products are cheaper. */
const adjointFor = (y0: Tensor): AdjointSolver => sizeOf(y0.shape.slice(1)) <= 10 ? directAdjoint() : iterativeAdjoint();

const given = (f: ImplicitMap, inputs: readonly Tensor[]): TensorMap => Object.assign(
  (y: Tensor) => f(y, ...inputs),
  f.linearize === undefined ? {} : { linearize: (y: Tensor, options?: LinearizeOptions) => f.linearize!(y, inputs, options) },
  f.among === undefined ? {} : { among: (samples: Tensor1D) => f.among!(samples, inputs) },
);

/** Runs the map again. TensorFlow.js notices a dead tensor late and calls it many things, so any foreign error is told with the likely cause. */
const revived = <T>(body: () => T): T => {
  try {
    return body();
  } catch (cause) {
    if (isFlowError(cause)) throw cause;
    throw new FlowError('input', 'solvers/implicit', `The map failed in the backward pass (${cause instanceof Error ? cause.message : String(cause)})`, {
      hint: 'A tensor computed within the loss dies with the forward pass: pass it to the map through `inputs`.', cause,
    });
  }
};
