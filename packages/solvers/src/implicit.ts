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
 * The map of an implicit equation. Variables and tensors that it closes over receive gradients. The map runs again in
 * the backward pass, when tensors computed within the loss no longer exist: pass these as `inputs`.
 */
export interface ImplicitMap {
  /** Returns `f(y, ...inputs)`, with the shape of `y`, `[B, ...event]`. */
  (y: Tensor, ...inputs: Tensor[]): Tensor;
  /**
   * Returns the linearization at `y`, which the caller disposes. Without this method the map is linearized by the tape,
   * which is several times slower.
   */
  linearize?(y: Tensor, inputs: readonly Tensor[]): Linearization;
  /**
   * Returns the map of the samples with indices `samples [k]` (int32), `[k, ...event] -> [k, ...event]`. The solver
   * then skips samples that are done. The evaluation on the tape always uses all samples.
   */
  among?(samples: Tensor1D, inputs: readonly Tensor[]): TensorMap;
}

/** Options of {@link implicit}. */
export interface ImplicitOptions extends SolveOptions {
  /** Tensors passed to the map after `y`. They receive gradients. Default none. */
  readonly inputs?: readonly Tensor[];
  /** Solver of the backward pass. Default: `directAdjoint` up to ten elements per event, `iterativeAdjoint` above. */
  readonly adjoint?: AdjointSolver;
  /** Called with the result of each backward solve. A failed backward solve does not throw. */
  readonly onAdjoint?: OnEnd;
}

/**
 * Returns the solution `y*` of `f(y) = y` (or `f(y) = 0`) as a differentiable function of all tensors that `f` reads.
 * The blocks of `@impflow/flows` do not use `implicit`: they differentiate the solve and the log-determinant together.
 * Memory does not grow with the number of steps. `y0 [B, ...event]` is only the starting point and receives no
 * gradient. The value belongs to the caller.
 *
 * By the implicit function theorem `dy* = (I - J_f)^-1 df`. The backward pass solves `(I - J_f)^T u = dy` and passes
 * `u` back through one evaluation of `f` at the constant `y*`. The result is differentiable once.
 *
 * @remarks Costs one evaluation and one linearization of `f` besides the solves. If no gradient is recorded, it costs
 * only the solve. A sample whose solve failed gets the gradient at its best iterate: check `status`.
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
    // The value is op(f(y*)). The tape records this one evaluation of f at the constant y*. The operation op returns
    // y*, which equals its input f(y*) up to the tolerance. Its backward pass turns dy into u, which the tape then
    // carries back through the evaluation of f.
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
 * Largest dimension for which `directAdjoint` is the default. It accepts larger dimensions, but the cost of elimination
 * grows with the cube of the dimension: above about ten dimensions, a few vector-Jacobian products are cheaper. The
 * blocks of `@impflow/flows` have other defaults: see `blockMethods`.
 */
const DIRECT_DIM = 10;

const adjointFor = (y0: Tensor): AdjointSolver =>
  sizeOf(y0.shape.slice(1)) <= DIRECT_DIM ? directAdjoint() : iterativeAdjoint();

/** Binds the inputs of a map. */
const withInputs = (f: ImplicitMap, inputs: readonly Tensor[]): TensorMap =>
  Object.assign(
    (y: Tensor) => f(y, ...inputs),
    f.linearize === undefined ? {} : { linearize: (y: Tensor) => f.linearize!(y, inputs) },
    f.among === undefined ? {} : { among: (samples: Tensor1D) => f.among!(samples, inputs) },
  );

/**
 * Runs `body`, which calls the map in the backward pass. TensorFlow.js reports a disposed tensor late and with various
 * messages, so every error that is not a `FlowError` is wrapped with the likely cause.
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
