import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { assertGiven, assertMethods, calling, customOp, FlowError, isFlowError, recording, scoped, sizeOf, type Linearization, type Solution, type Solver, type TensorMap } from '@impflow/core';
import type { AdjointSolver } from './adjoint.ts';
import { directAdjoint } from './direct-adjoint.ts';
import { inForm, isDifferentiable, residualPart } from './forms.ts';
import { iterativeAdjoint } from './iterative-adjoint.ts';
import { linearizeByTape } from './linearize.ts';
import { solve, type OnEnd, type SolveOptions } from './solve.ts';

/**
 * The map of an implicit equation. Variables that it closes over receive gradients, and so do tensors. But tensors computed
 * within the loss die with the forward pass, and the map runs once more in the backward pass: those must be `inputs`.
 */
export interface ImplicitMap {
  (y: Tensor, ...inputs: Tensor[]): Tensor;
  /** Spares the tape: several times faster. */
  linearize?(y: Tensor, inputs: readonly Tensor[]): Linearization;
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

/**
 * The solution `y*` of `f(y) = y` (or `f(y) = 0`) as a differentiable function of all that `f` reads; memory does not grow with
 * the steps of the solver. `y0` is only a start: no gradient flows into it.
 *
 * By the implicit function theorem `dy* = (I - J_f)^-1 df`: the backward pass solves `(I - J_f)^T u = dy` and hands `u` to one
 * evaluation of `f` at the constant `y*`. Differentiable once.
 *
 * @remarks Beside the solves: one evaluation and one linearization of `f`, and neither where no gradient is recorded. A sample whose solve failed gets the
 * adjoint of its best iterate: look at `status`.
 * @throws `input` for an adjoint solver without its method, and in the backward pass, where `f` fails because it reads a tensor that is gone.
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
export const implicit = (f: ImplicitMap, y0: Tensor, options: ImplicitOptions): Solution => {
  const { solver, inputs = [], adjoint = adjointFor(y0), onAdjoint, ...solving } = options;
  const { problem = solver.problem } = solving;
  assertMethods('solvers/implicit', 'adjoint solver', adjoint, ['solve']);
  const solution = solve(solver, given(f, inputs), y0, { ...solving, problem });
  if (!recording()) return solution;
  const { value: y } = solution;
  const value = scoped(() => customOp([inForm(given(f, inputs), problem, 'fixed-point')(y)], {
    forward: () => ({ value: y.clone(), saved: { y, inputs } }),
    backward: (dy, saved) => [revived(() => {
      const g = residualPart(given(f, saved.inputs), problem);
      const there = isDifferentiable(g) ? g.linearize(saved.y) : linearizeByTape(g, saved.y);
      try {
        const { value: u } = calling('solvers/implicit', 'adjoint solver', adjoint, 'solve', () => adjoint.solve(there, dy, onAdjoint));
        assertGiven('solvers/implicit', 'adjoint solver', adjoint, 'value', u, dy.shape);
        return u;
      } finally {
        there.dispose();
      }
    })],
  }));
  y.dispose();
  return { ...solution, value };
};

/** Elimination costs `d` sweeps over `[B, d, 2 d]`; above about ten dimensions a few vector-Jacobian products are cheaper. */
const adjointFor = (y0: Tensor): AdjointSolver => sizeOf(y0.shape.slice(1)) <= 10 ? directAdjoint() : iterativeAdjoint();

const given = (f: ImplicitMap, inputs: readonly Tensor[]): TensorMap => Object.assign(
  (y: Tensor) => f(y, ...inputs),
  f.linearize === undefined ? {} : { linearize: (y: Tensor) => f.linearize!(y, inputs) },
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
