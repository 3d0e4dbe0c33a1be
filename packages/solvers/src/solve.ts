import {
  currentAttempt,
  capabilities,
  offTape,
  reshaped,
  scoped,
  sizeOf,
  assertRecord,
  type Solution,
  type SolveEnd,
  type TensorMap,
  type Solver,
  type WholeMap,
} from '@impflow/core';
import { slice, type Tensor } from '@tensorflow/tfjs-core';
import { drivenMap, type DrivenMap, type Problem } from './driven-map.ts';
import { runFallbacks, runStage, runWithoutChecks, assertSolver, stageOf, type StageResult } from './loop.ts';
import type { Criteria } from './sample-progress.ts';
import { assertSolveOptions, defaultCheckEvery, type SolveOptions } from './solve-options.ts';
import { endLater, endNow, evidenceTensor, mostSteps, statusesOf, type Figures } from './statuses.ts';

// A solver only makes steps; `solve` contains the loop and the checks. A sample is one element of the batch. The parts
// of a solve, in order:
// - drivenMap (driven-map.ts) is `f` in the form that solvers call. The driven map works on rows, counts evaluations
//   and freezes converged samples.
// - stageOf (loop.ts) binds a solver to the driven map. The first solver is one stage, and each fallback is one more
//   stage.
// - runStage (loop.ts) is the loop: it makes steps, and checks which samples are active.
// - runFallbacks (loop.ts) continues with the fallbacks if samples have not converged.
// - runWithoutChecks (loop.ts) is the loop on backends without synchronous reads.
// - solveInOneKernel, below, replaces the loop of the first solver if there is a kernel for it.
// - statuses.ts computes the status of each sample. Statuses are reported immediately, or after `settle` has read the
//   residuals.
//
// Intermediate results: SampleProgress is on the device. The type Evidence contains four vectors of SampleProgress:
// residual, tolerance, latest and limit. On the host, Statuses are computed from Evidence. Figures are statistics that
// need no read-back. Statuses and Figures together are a SolveEnd.
//
// Names from core:
// - Iterate: state of a solver, with the value and the residual of each sample.
// - Recipe: description of a solver for kernels. WholeMap: a map that one kernel can solve. WholeSolve: result of a
//   kernel for a whole solve.
// - SolveEnd: status and statistics of a solve. Solution: a SolveEnd with the value.
// - settle: runs a computation, reads the results of its solves, and repeats the computation with more steps if
//   necessary. Attempt: one run of the computation.
// - scoped: disposes all tensors that a function makes, except its result. kept: keeps the result beyond all scopes.
// - advance: replaces a state by the next state.
// - offTape: runs a function without recording gradients. recording: whether gradients are recorded.
// - kernel: declares a fused operation. The method `run` calls the kernel of the backend (`kernels/` of backend-wasm)
//   if there is one, else the given function.
// - Linearization: value and derivative of a map at one point. The owner of a linearization disposes it.
// - eliminate: solves the linear systems of a batch without pivots.
// - assertGiven: checks a tensor that a plugin or the caller's map returned.
// - disposingOnThrow: disposes of the tensors that a function has created if it throws.
// - calling: adds the name of a plugin to the errors of the plugin. foreign: passes errors of the caller's map
//   unchanged.

/**
 * Solves `f(y) = y` or `f(y) = 0` for each sample of a batch, from `y0 [B, ...event]`. A solver only makes steps;
 * `solve` contains the loop of the steps. The solve records no gradients: use `implicit` for gradients. The value
 * belongs to the caller.
 *
 * Samples are independent. When a sample has converged, it is frozen at its best iterate. Therefore the result of a
 * sample does not depend on other samples or on their number of steps. A sample that is not finite at the start does
 * not delay other samples.
 *
 * @remarks Costs a dozen small operations per step besides the operations of the solver, and reads `[B]` flags back at
 * each check. If the map has a kernel for a whole solve, the kernel replaces the first solver, unless `onCheck` or
 * `signal` is given, or the backend has no synchronous reads.
 * @throws `option` for options out of range; `input` for a solver that lacks a method or a valid `problem`; `shape` if
 * `f` or a solver returns a tensor of a wrong shape; the errors of `f` and `onCheck`; the errors of a solver, with its
 * name; the reason of an aborted `signal`. A solve that does not converge does not throw: it returns a status. See
 * `orThrow`.
 * @example
 * ```ts
 * import { wasm } from '@impflow/backend-wasm';
 * import { anderson, solve } from '@impflow/solvers';
 * import { cos, tensor2d } from '@tensorflow/tfjs-core';
 *
 * await wasm().start();
 * const { value, status } = solve((y) => cos(y), tensor2d([[0], [3]]), { solver: anderson() });
 * console.log(status, value.dataSync()); // 0.739085 twice
 * ```
 */
export const solve = (f: TensorMap, y0: Tensor, options: SolveOptions): Solution => {
  assertRecord('solvers/solve', 'options', options);
  const {
    solver,
    problem = solver.problem,
    atol = 1e-6,
    rtol = 1e-6,
    maxSteps = 50,
    checkEvery = defaultCheckEvery(),
    divergence = 1e4,
    fallback = [],
    onCheck,
    onEnd,
    signal,
  } = options;
  const { fallbackSteps = Math.max(500, maxSteps) } = options;
  assertSolveOptions({ atol, rtol, maxSteps, fallbackSteps, checkEvery, divergence });
  for (const one of [solver, ...fallback]) assertSolver(one);
  const criteria: Criteria = { atol, rtol, divergence };
  const map = drivenMap(f, y0);
  const firstStage = stageOf(solver, maxSteps, { map, problem, criteria });
  const fallbacks = fallback.map((one) => stageOf(one, fallbackSteps, { map, problem, criteria }));
  const figuresOf = ({ steps, path }: Pick<Figures, 'steps' | 'path'>): Figures => ({
    steps,
    path,
    solver: path.at(-1)!,
    evaluations: map.evaluations(),
  });
  return offTape(() => {
    // `end` is not part of the result of the scope, because tfjs would search the arrays of `end` for tensors, number
    // by number.
    let end: SolveEnd | undefined;
    const value = scoped(() => {
      if (!capabilities().syncRead) {
        const { steps: attemptSteps } = currentAttempt('solvers/solve');
        const run = runWithoutChecks([firstStage, ...fallbacks], y0.shape[0]!, attemptSteps);
        const { stepsPerSample, value } = run.progress;
        end = endLater('solvers/solve', evidenceTensor(run.progress), figuresOf(run), { onEnd, stepsPerSample });
        return reshaped(value, y0.shape);
      }
      const checks = { checkEvery, onCheck, signal };
      // `onCheck` and `signal` exclude the kernel, because a kernel cannot be interrupted for a check.
      const stops = onCheck !== undefined || signal !== undefined;
      const first =
        (stops ? undefined : solveInOneKernel(f, { solver, problem, criteria, maxSteps, map })) ??
        runStage(firstStage, undefined, map, checks);
      const run = runFallbacks(first, fallbacks, map, checks);
      end = endNow(run.statuses, figuresOf(run), onEnd);
      return reshaped(run.best.value, y0.shape);
    });
    return { value, ...end! };
  });
};

/** Arguments of a solve that one kernel can run as a whole. */
interface KernelSolve {
  readonly solver: Solver;
  /** Problem that the map defines. The problem of the solver can differ. */
  readonly problem: Problem;
  readonly criteria: Criteria;
  readonly maxSteps: number;
  readonly map: DrivenMap;
}

/**
 * Runs all steps of the first solver in one kernel, in place of the loop of its stage. Returns undefined if there is no
 * kernel for the solve: `f` or the solver may not support a kernel, the problem may be `root`, or the backend may lack
 * the kernel.
 */
const solveInOneKernel = (
  f: TensorMap,
  { solver, problem, criteria, maxSteps, map }: KernelSolve,
): StageResult | undefined => {
  if (problem !== 'fixed-point' || solver.recipe === undefined || !hasWhole(f)) return undefined;
  const end = f.whole(solver.recipe, { ...criteria, maxSteps });
  if (end === undefined) return undefined;
  const { value, evidence } = end;
  const samples = end.steps.size;
  const statuses = statusesOf(evidence.dataSync<'float32'>() as Float32Array);
  const best = {
    value: reshaped(value, [samples, sizeOf(value.shape.slice(1))]),
    // The four vectors have the order of `evidenceTensor`, so the residual is the first vector. Only fallbacks read the
    // residual.
    get residual() {
      return slice(evidence, 0, samples);
    },
  };
  const steps = mostSteps(end.steps.dataSync<'float32'>() as Float32Array);
  // The kernel makes one evaluation at the start, and one per step.
  map.addEvaluations(steps + 1);
  return { best, statuses, steps, path: [solver.name] };
};

const hasWhole = (f: TensorMap): f is WholeMap => 'whole' in f && typeof f.whole === 'function';
