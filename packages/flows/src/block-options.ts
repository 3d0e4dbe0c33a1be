import {
  assertGiven,
  assertMethods,
  calling,
  sizeOf,
  type LogDetEstimator,
  type Shape,
  type Solver,
} from '@impflow/core';
import { exact, russianRoulette } from '@impflow/logdet';
import {
  anderson,
  directAdjoint,
  iterativeAdjoint,
  quasiNewton,
  safeguards,
  type AdjointSolver,
  type SolveOptions,
} from '@impflow/solvers';

/** How a block solves `z + g(z) = h` and the adjoint system of its gradient. */
export interface RootOptions {
  /**
   * Solver of `z + g(z) = h`. Default: quasi-Newton with the exact Jacobian if the event has at most 3 dimensions and
   * the estimator is exact; otherwise Anderson acceleration.
   */
  readonly solver?: Solver;
  /**
   * Solvers that are tried in turn on the samples that did not converge. Default: Anderson acceleration, then the plain
   * fixed-point iteration, which converges for any contraction given enough steps.
   */
  readonly fallback?: readonly Solver[];
  /**
   * Solver of the adjoint system. Default: elimination with the exact Jacobian up to 3 dimensions, and up to 64 if the
   * estimator is exact; otherwise Anderson acceleration on vector-Jacobian products.
   */
  readonly adjoint?: AdjointSolver;
  /**
   * Tolerances and limits of the forward and inverse solves. Default: the defaults of `solve` of `@impflow/solvers`.
   */
  readonly tolerance?: Pick<SolveOptions, 'atol' | 'rtol' | 'maxSteps' | 'checkEvery'>;
  /**
   * Tensors of each net that training keeps until the backward pass. Default `keep`.
   *
   * `keep` keeps all intermediate tensors, so the memory grows with the hidden layers. `budget` keeps only the point,
   * and the tangents and cotangents of the log-determinant; the backward pass linearizes the net again. Values and
   * gradients are equal for `keep` and `budget`. With `budget` each net costs one more forward pass and one more
   * product of its Jacobian with the tangents. Choose `budget` if hidden activations are larger than events, as for
   * images.
   */
  readonly memory?: 'keep' | 'budget';
}

/** Options that implicit, residual and monotone blocks share. */
export interface BlockOptions extends RootOptions {
  /** Estimator in training. Default: `exact` up to dimension 8, otherwise `russianRoulette()`. */
  readonly logDet?: LogDetEstimator;
  /**
   * Estimator outside training. Default: `exact` up to dimension 64, otherwise `russianRoulette({ exactTerms: 20 })`.
   * Densities of tables are evaluated by other estimators: see `forEvaluation` of `@impflow/tables`.
   */
  readonly evaluationLogDet?: LogDetEstimator;
}

/**
 * Solvers and estimators of a block, chosen when the block is made. `exact` contains the methods for calls that need
 * the exact log-determinant, and therefore the whole Jacobian at the root. `other` contains the methods for all other
 * calls.
 */
export interface BlockMethods {
  /** Estimators of the log-determinant: one for training, and one outside training. */
  readonly logDet: { readonly train: LogDetEstimator; readonly evaluate: LogDetEstimator };
  /** Solvers of `z + g(z) = h`. */
  readonly solver: { readonly exact: Solver; readonly other: Solver };
  /** Solvers of the adjoint system. */
  readonly adjoint: { readonly exact: AdjointSolver; readonly other: AdjointSolver };
  /** Solvers for the samples that did not converge. */
  readonly fallback: readonly Solver[];
  /** Tolerances and limits of the solves. */
  readonly tolerance: NonNullable<RootOptions['tolerance']>;
  /** Tensors that training keeps until the backward pass: see {@link RootOptions.memory}. */
  readonly memory: NonNullable<RootOptions['memory']>;
}

/**
 * Returns the given options, and the defaults for events of `shape` in place of missing options.
 *
 * @throws `input` if a solver, adjoint solver or estimator lacks a required method. Each later call checks the shape of
 * the result.
 */
export const blockMethods = (
  shape: Shape,
  {
    solver,
    fallback = safeguards(),
    adjoint: ownAdjoint,
    tolerance = {},
    memory = 'keep',
    logDet: ownLogDet,
    evaluationLogDet: ownEvaluation,
  }: BlockOptions,
): BlockMethods => {
  const dim = sizeOf(shape);
  for (const given of solver === undefined ? fallback : [solver, ...fallback])
    assertMethods('flows/blockMethods', 'solver', given, ['init', 'step']);
  const adjoint = ownAdjoint && checkedAdjoint(ownAdjoint);
  const [logDet, evaluationLogDet] = [
    ownLogDet && checkedEstimator(ownLogDet),
    ownEvaluation && checkedEstimator(ownEvaluation),
  ];
  // With few dimensions the exact Jacobian is the fastest way to a root: it costs one product per dimension.
  const low = shape.length === 1 && dim <= 3;
  // If the Jacobian is computed in any case, elimination is the cheaper adjoint solver up to some tens of dimensions.
  const [direct, accelerated] = [adjoint ?? (dim <= 64 ? directAdjoint() : iterativeAdjoint()), solver ?? anderson()];
  return Object.freeze<BlockMethods>({
    logDet: {
      train: logDet ?? (dim <= 8 ? exact() : russianRoulette()),
      evaluate: evaluationLogDet ?? (dim <= 64 ? exact() : russianRoulette({ exactTerms: 20 })),
    },
    solver: { exact: solver ?? (low ? quasiNewton() : accelerated), other: accelerated },
    adjoint: { exact: direct, other: adjoint ?? (low ? direct : iterativeAdjoint()) },
    fallback,
    tolerance,
    memory,
  });
};

/** Returns the estimator with an added check that its log-determinants have the shape `[B]`. */
const checkedEstimator = (estimator: LogDetEstimator): LogDetEstimator => {
  assertMethods('flows/blockMethods', 'log-det estimator', estimator, ['estimate']);
  const { name, bias } = estimator;
  return Object.freeze<LogDetEstimator>({
    name,
    bias,
    estimate: (g, key) => {
      const estimate = calling('flows/estimate', 'log-det estimator', estimator, 'estimate', () =>
        estimator.estimate(g, key),
      );
      assertGiven(
        'flows/estimate',
        'log-det estimator',
        estimator,
        'logDet',
        estimate.logDet,
        g.value.shape.slice(0, 1),
      );
      return estimate;
    },
  });
};

/** Returns the adjoint solver with an added check that its solutions have the shape of the right-hand side. */
const checkedAdjoint = (adjoint: AdjointSolver): AdjointSolver => {
  assertMethods('flows/blockMethods', 'adjoint solver', adjoint, ['solve']);
  return Object.freeze<AdjointSolver>({
    name: adjoint.name,
    solve: (g, rhs, onEnd) => {
      const solution = calling('flows/adjoint', 'adjoint solver', adjoint, 'solve', () => adjoint.solve(g, rhs, onEnd));
      assertGiven('flows/adjoint', 'adjoint solver', adjoint, 'value', solution.value, rhs.shape);
      return solution;
    },
  });
};
