import {
  advance,
  scoped,
  assertGiven,
  assertMethods,
  calling,
  FlowError,
  shown,
  type Iterate,
  type Solver,
} from '@impflow/core';
import { add, cast, zeros, type Tensor } from '@tensorflow/tfjs-core';
import { asProblem, type DrivenMap, type Problem } from './driven-map.ts';
import {
  advanceProgress,
  startProgress,
  type BestIterate,
  type SampleProgress,
  type Criteria,
} from './sample-progress.ts';
import type { SolveOptions } from './solve-options.ts';
import { readStatuses, type Statuses } from './statuses.ts';

/** One stage of a solve: the first solver or a fallback, bound to the map. */
export interface Stage {
  /** The solver of the stage. */
  readonly solver: Solver;
  /** Largest number of steps of the solver. */
  readonly maxSteps: number;
  /** Returns the progress before the first step: at `y0`, or at the best iterates of the previous stages. */
  start(before: BestIterate | undefined): SampleProgress;
  /** Makes one step. If `freezing` is true, inactive samples are evaluated at their best iterates. */
  step(progress: SampleProgress, freezing: boolean): SampleProgress;
}

/** Binds a solver to a map. The map defines the problem `problem`. */
export const stageOf = (
  solver: Solver,
  maxSteps: number,
  { map, problem, criteria }: { readonly map: DrivenMap; readonly problem: Problem; readonly criteria: Criteria },
): Stage => {
  const f = asProblem(map.onRows, problem, solver.problem);
  return {
    solver,
    maxSteps,
    start: (before) => {
      map.freezeAt(undefined);
      map.calledBy(solver);
      const state = checkedState(solver, 'init', map, () => solver.init(f, before?.value.clone() ?? map.startRows()));
      return startProgress(state, before, criteria);
    },
    step: (progress, freezing) => {
      map.freezeAt(freezing ? progress : undefined);
      const state = checkedState(solver, 'step', map, () => solver.step(f, progress.state));
      return advanceProgress(progress, state, criteria);
    },
  };
};

/**
 * Runs `body`, which calls the solver's `method`, checks the shapes of the new state, and returns the state. All error
 * messages, including messages about wrong shapes, contain the name of the solver.
 */
const checkedState = (solver: Solver, method: 'init' | 'step', { shape }: DrivenMap, body: () => Iterate): Iterate => {
  const state = calling('solvers/solve', 'solver', solver, method, body);
  assertGiven('solvers/solve', 'solver', solver, 'value', state?.value, shape);
  assertGiven('solvers/solve', 'solver', solver, 'residual', state.residual, shape.slice(0, 1));
  return state;
};

/** Checks a solver. @throws `input` if the solver lacks a method or a valid `problem`. */
export const assertSolver = (solver: Solver): void => {
  assertMethods('solvers/solve', 'solver', solver, ['init', 'step']);
  if (solver.problem === 'fixed-point' || solver.problem === 'root') return;
  throw new FlowError('input', 'solvers/solve', `The solver "${String(solver.name)}" has no valid problem`, {
    expected: "a problem 'fixed-point' or 'root'",
    got: shown(solver.problem),
  });
};

/** Result of one or more stages, read from the device. */
export interface StageResult {
  /** The best iterate of each sample so far. */
  readonly best: BestIterate;
  /** Statuses of all samples. */
  readonly statuses: Statuses;
  /** Total number of steps of the stages. */
  readonly steps: number;
  /** Names of the solvers that ran, in order. */
  readonly path: readonly string[];
}

/** Number of steps between two checks, the callback of a check, and the signal that aborts the solve. */
export type Checks = Required<Pick<SolveOptions, 'checkEvery'>> & {
  readonly [K in 'onCheck' | 'signal']: SolveOptions[K] | undefined;
};

/**
 * Runs one stage, on backends with synchronous reads. The stage takes steps until no sample is active, or until
 * `maxSteps`. Every `checkEvery` steps, the function reads from the device which samples are active.
 */
export const runStage = (
  stage: Stage,
  before: BestIterate | undefined,
  map: DrivenMap,
  { checkEvery, onCheck, signal }: Checks,
): StageResult => {
  const { solver, maxSteps } = stage;
  let progress = scoped(() => stage.start(before));
  let step = 0;
  try {
    for (; ; step++) {
      let freezing = true;
      if (step % checkEvery === 0 || step === maxSteps) {
        signal?.throwIfAborted();
        const flags = progress.active.dataSync<'bool'>() as Uint8Array;
        const active = flags.reduce((count, flag) => count + flag, 0);
        onCheck?.({ solver: solver.name, step, active });
        if (active === 0 || step === maxSteps) break;
        // If all samples are active, freezing is not necessary. Whether all samples are active is known only in the
        // step after a check.
        freezing = active < flags.length;
        map.evaluateOnly(active < GATHER_BELOW * flags.length ? flags : undefined);
      }
      progress = advance(progress, (p) => stage.step(p, freezing));
    }
  } finally {
    map.evaluateOnly(undefined);
  }
  return { best: progress, statuses: readStatuses(progress), steps: step, path: [solver.name] };
};

/**
 * Fraction of active samples below which only active samples are evaluated. If the fraction is larger, gathering the
 * active samples takes as much time as it saves.
 */
const GATHER_BELOW = 0.9;

/**
 * Continues a solve with the fallbacks, in order. Each fallback starts at the best iterates so far. A fallback runs
 * only if at least one sample is finite and has not converged.
 */
export const runFallbacks = (
  first: StageResult,
  fallbacks: readonly Stage[],
  map: DrivenMap,
  checks: Checks,
): StageResult => {
  let result = first;
  for (const stage of fallbacks) {
    if (!result.statuses.hopeful) break;
    const { best, statuses, steps, path } = runStage(stage, result.best, map, checks);
    result = { best, statuses, steps: result.steps + steps, path: [...result.path, ...path] };
  }
  return result;
};

/**
 * Runs all stages, on backends without synchronous reads. Each stage takes as many steps as the attempt allows, but at
 * most its own limit: see `settle` of `@impflow/core`. A fallback runs only in attempts that have more steps than the
 * limit of the previous stage. Converged samples do not change, so surplus steps only cost time. `stepsPerSample [B]`
 * contains the number of steps that each sample needed.
 */
export const runWithoutChecks = (
  stages: readonly Stage[],
  samples: number,
  attemptSteps: number,
): {
  readonly progress: SampleProgress & { readonly stepsPerSample: Tensor };
  readonly steps: number;
  readonly path: readonly string[];
} => {
  const path: string[] = [];
  let steps = 0;
  let last: (SampleProgress & { readonly stepsPerSample: Tensor }) | undefined;
  for (const stage of stages) {
    path.push(stage.solver.name);
    let progress = scoped(() => ({
      ...stage.start(last),
      stepsPerSample: last?.stepsPerSample.clone() ?? zeros([samples]),
    }));
    for (let step = 0; step < Math.min(stage.maxSteps, attemptSteps); step++) {
      progress = advance(progress, (p) => ({
        ...stage.step(p, true),
        stepsPerSample: add(p.stepsPerSample, cast(p.active, 'float32')),
      }));
      steps += 1;
    }
    last = progress;
    if (attemptSteps <= stage.maxSteps) break;
  }
  return { progress: last!, steps, path };
};
