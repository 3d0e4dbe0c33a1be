import {
  assertGiven,
  assertMethods,
  calling,
  customOp,
  FlowError,
  isFlowError,
  recording,
  scoped,
  sizeOf,
  type Linearization,
  type Solution,
  type TensorMap,
} from '@impflow/core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import type { AdjointSolver } from './adjoint-solver.ts';
import { directAdjoint } from './direct-adjoint.ts';
import { asProblem, offIdentity } from './driven-map.ts';
import { iterativeAdjoint } from './iterative-adjoint.ts';
import { hasLinearize } from './jacobian.ts';
import { linearizeByTape } from './linearize-by-tape.ts';
import type { OnEnd, SolveOptions } from './solve-options.ts';
import { solve } from './solve.ts';

/**
 * The map of an implicit equation. Variables and tensors that the map closes over receive gradients. The map runs again
 * in the backward pass. In the backward pass, tensors that were computed within the loss no longer exist: pass these
 * tensors as `inputs`.
 */
export interface ImplicitMap {
  /** Returns `f(y, ...inputs)`, with the shape of `y`, `[B, ...event]`. */
  (y: Tensor, ...inputs: Tensor[]): Tensor;
  /**
   * Returns the linearization at `y`, which the caller disposes. Without `linearize`, the gradient tape linearizes the
   * map, which is several times slower.
   */
  linearize?(y: Tensor, inputs: readonly Tensor[]): Linearization;
  /**
   * Returns the map of the samples with indices `samples [k]` (int32), `[k, ...event] -> [k, ...event]`. If the map has
   * the method `among`, the solver skips converged samples. The evaluation on the gradient tape always uses all
   * samples.
   */
  among?(samples: Tensor1D, inputs: readonly Tensor[]): TensorMap;
}

/** Options of {@link implicit}. */
export interface ImplicitOptions extends SolveOptions {
  /** Tensors that are passed to the map after `y`. These tensors receive gradients. Default none. */
  readonly inputs?: readonly Tensor[];
  /**
   * Solver of the linear system in the backward pass. Default: `directAdjoint` for up to ten elements per event,
   * `iterativeAdjoint` for more.
   */
  readonly adjoint?: AdjointSolver;
  /** Function that is called with the result of each backward solve. A failed backward solve does not throw. */
  readonly onAdjoint?: OnEnd;
}

/**
 * Returns the solution `y*` of `f(y) = y` (or `f(y) = 0`) as a differentiable function of all tensors that `f` reads.
 * The blocks of `@impflow/flows` do not use `implicit`: they differentiate the solve and the log-determinant together.
 * Memory does not grow with the number of steps. `y0 [B, ...event]` is only the starting point and receives no
 * gradient. The value belongs to the caller.
 *
 * By the implicit function theorem `dy* = (I - J_f)^-1 df`. The backward pass solves `(I - J_f)^T u = dy` and passes
 * `u` back through one evaluation of `f` at the constant `y*`. Second derivatives are not available.
 *
 * @remarks With a gradient, the cost is the forward solve, the backward solve, one evaluation and one linearization of
 * `f`. If no gradient is recorded, the cost is only the forward solve. A sample whose solve failed gets the gradient at
 * its best iterate: check `status`.
 * @throws the errors of {@link solve}; `input` for an adjoint solver without `solve`. The backward pass throws `input`
 * if TensorFlow.js throws in `f`, as it does for a disposed tensor, and `shape` if `adjoint` returns a wrong shape.
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
  const { inputs = [], adjoint = adjointFor(y0), onAdjoint, ...solving } = options;
  const { problem = solving.solver.problem } = solving;
  assertMethods('solvers/implicit', 'adjoint solver', adjoint, ['solve']);
  const solution = solve(withInputs(f, inputs), y0, { ...solving, problem });
  if (!recording()) return solution;
  const { value: y } = solution;
  const value = scoped(() => {
    // The value of `implicit` is op(f(y*)), where op is a custom operation. The tape records one evaluation of f, at
    // the constant y*. The operation op returns y*, which equals the input f(y*) within the tolerance. The backward
    // pass of op converts dy to u. Then the tape passes u back through the evaluation of f.
    const fy = asProblem(withInputs(f, inputs), problem, 'fixed-point')(y);
    return customOp([fy], {
      forward: () => ({ value: y.clone(), saved: { y, inputs } }),
      backward: (dy, saved) => [
        explainingDisposed(() => {
          const g = offIdentity(withInputs(f, saved.inputs), problem);
          const linearization = hasLinearize(g) ? g.linearize(saved.y) : linearizeByTape(g, saved.y);
          try {
            const { value: u } = calling('solvers/implicit', 'adjoint solver', adjoint, 'solve', () =>
              adjoint.solve(linearization, dy, onAdjoint),
            );
            assertGiven('solvers/implicit', 'adjoint solver', adjoint, 'value', u, dy.shape);
            return u;
          } finally {
            linearization.dispose();
          }
        }),
      ],
    });
  });
  y.dispose();
  return { ...solution, value };
};

/**
 * Largest dimension for which `directAdjoint` is the default. `directAdjoint` accepts larger dimensions, but the cost
 * of elimination grows with the cube of the dimension. Above about ten dimensions, a few vector-Jacobian products are
 * cheaper. The blocks of `@impflow/flows` have different defaults: see `blockMethods`.
 */
const DIRECT_DIM = 10;

const adjointFor = (y0: Tensor): AdjointSolver =>
  sizeOf(y0.shape.slice(1)) <= DIRECT_DIM ? directAdjoint() : iterativeAdjoint();

/** Binds the inputs of a map: returns a function of `y` alone. */
const withInputs = (f: ImplicitMap, inputs: readonly Tensor[]): TensorMap =>
  Object.assign(
    (y: Tensor) => f(y, ...inputs),
    f.linearize === undefined ? {} : { linearize: (y: Tensor) => f.linearize!(y, inputs) },
    f.among === undefined ? {} : { among: (samples: Tensor1D) => f.among!(samples, inputs) },
  );

/**
 * Runs `body`, which calls the map in the backward pass. TensorFlow.js reports a disposed tensor late and with various
 * messages. Therefore the function wraps every error that is not a `FlowError`, and adds the likely cause.
 */
const explainingDisposed = <T>(body: () => T): T => {
  try {
    return body();
  } catch (cause) {
    if (isFlowError(cause)) throw cause;
    throw new FlowError(
      'input',
      'solvers/implicit',
      `The map failed in the backward pass (${cause instanceof Error ? cause.message : String(cause)})`,
      {
        hint: 'A tensor computed within the loss is disposed of after the forward pass: pass it to the map through `inputs`.',
        cause,
      },
    );
  }
};
