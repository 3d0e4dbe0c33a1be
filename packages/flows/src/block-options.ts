import { assertGiven, assertMethods, sizeOf, type LogDetEstimator, type Shape, type Solver } from '@impflow/core';
import { exact, russianRoulette } from '@impflow/logdet';
import { anderson, directAdjoint, iterativeAdjoint, quasiNewton, safeguards, type AdjointSolver, type SolveOptions } from '@impflow/solvers';

/** How a block solves `z + g(z) = h` and the adjoint system of its gradient. */
export interface RootOptions {
  /** Default: quasi-Newton from the exact Jacobian where an exact log-determinant needs one anyway and the dimension is at most 3; else Anderson. */
  readonly solver?: Solver;
  /** Solvers tried in turn on the samples that did not converge. Default: Anderson, then the plain fixed point, which converges for any contraction, given steps enough. */
  readonly fallback?: readonly Solver[];
  /** Default: the exact Jacobian up to dimension 3, or where the log-determinant needs it anyway; else Anderson on vector-Jacobian products. */
  readonly adjoint?: AdjointSolver;
  /** Tolerances and limits of the forward and inverse solves. */
  readonly solve?: Pick<SolveOptions, 'atol' | 'rtol' | 'maxSteps' | 'checkEvery'>;
  /**
   * What training keeps of each net until the backward pass. `keep`, the default: all that happened inside, which grows with its hidden layers.
   * `budget`: its point, and tangents and cotangents of the log-determinant; the backward pass linearizes again. The same values and
   * gradients, for one more forward pass and one more push of the tangents through each net. It pays where hidden activations are larger than events, as for images.
   */
  readonly memory?: 'keep' | 'budget';
}

/** What implicit and residual blocks have in common. */
export interface BlockOptions extends RootOptions {
  /** Estimator while training. Default: exact up to dimension 8, Russian roulette above. */
  readonly logDet?: LogDetEstimator;
  /** Estimator otherwise. Default: exact up to dimension 64, Russian roulette after 20 certain terms above. */
  readonly evaluationLogDet?: LogDetEstimator;
}

/** The methods of a block, chosen once: `exact` where a call needs the exact log-determinant, and so the whole Jacobian at the root, `other` elsewhere. */
export interface BlockMethods {
  readonly logDet: { readonly train: LogDetEstimator; readonly evaluate: LogDetEstimator };
  readonly solver: { readonly exact: Solver; readonly other: Solver };
  readonly adjoint: { readonly exact: AdjointSolver; readonly other: AdjointSolver };
  readonly fallback: readonly Solver[];
  readonly solve: NonNullable<RootOptions['solve']>;
  readonly memory: NonNullable<RootOptions['memory']>;
}

/**
 * The methods for events of a shape: the options, completed by their defaults.
 *
 * @throws `input` for a solver, an adjoint solver or an estimator without its methods. What those give is checked for its shape at each call.
 */
export const blockMethods = (shape: Shape, { solver, fallback = safeguards(), adjoint: ownAdjoint, solve = {}, memory = 'keep', logDet: ownLogDet, evaluationLogDet: ownEvaluation }: BlockOptions): BlockMethods => {
  const dim = sizeOf(shape);
  for (const given of solver === undefined ? fallback : [solver, ...fallback]) assertMethods('flows/blockMethods', 'solver', given, ['init', 'step']);
  const adjoint = ownAdjoint && checkedAdjoint(ownAdjoint);
  const [logDet, evaluationLogDet] = [ownLogDet && checkedEstimator(ownLogDet), ownEvaluation && checkedEstimator(ownEvaluation)];
  // There the exact Jacobian is the fastest way to a root: it costs as many products as there are dimensions.
  const low = shape.length === 1 && dim <= 3;
  // Where the Jacobian is there anyway, elimination pays up to some tens of dimensions.
  const [direct, accelerated] = [adjoint ?? (dim <= 64 ? directAdjoint() : iterativeAdjoint()), solver ?? anderson()];
  return Object.freeze<BlockMethods>({
    logDet: { train: logDet ?? (dim <= 8 ? exact() : russianRoulette()), evaluate: evaluationLogDet ?? (dim <= 64 ? exact() : russianRoulette({ exactTerms: 20 })) },
    solver: { exact: solver ?? (low ? quasiNewton() : accelerated), other: accelerated },
    adjoint: { exact: direct, other: adjoint ?? (low ? direct : iterativeAdjoint()) },
    fallback, solve, memory,
  });
};

/** The same estimator, whose log-determinants have the shape `[B]`. */
const checkedEstimator = (estimator: LogDetEstimator): LogDetEstimator => {
  assertMethods('flows/blockMethods', 'log-det estimator', estimator, ['estimate']);
  const { name, bias } = estimator;
  return Object.freeze<LogDetEstimator>({
    name, bias,
    estimate: (g, key) => {
      const estimate = estimator.estimate(g, key);
      assertGiven('flows/estimate', 'log-det estimator', estimator, 'logDet', estimate.logDet, g.value.shape.slice(0, 1));
      return estimate;
    },
  });
};

/** The same adjoint solver, whose solutions have the shape of the right-hand side. */
const checkedAdjoint = (adjoint: AdjointSolver): AdjointSolver => {
  assertMethods('flows/blockMethods', 'adjoint solver', adjoint, ['solve']);
  return Object.freeze<AdjointSolver>({
    name: adjoint.name,
    solve: (g, rhs, onEnd) => {
      const solution = adjoint.solve(g, rhs, onEnd);
      assertGiven('flows/adjoint', 'adjoint solver', adjoint, 'value', solution.value, rhs.shape);
      return solution;
    },
  });
};
