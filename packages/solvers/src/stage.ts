import { assertGiven, assertMethods, calling, FlowError, type Iterate, type Solver } from '@impflow/core';
import type { DrivenMap } from './driven-map.ts';
import { asProblem, type Problem } from './problem.ts';
import {
  advanceProgress,
  startProgress,
  type BestIterate,
  type Criteria,
  type SampleProgress,
} from './sample-progress.ts';

/** One solver of a solve, bound to the map: the first solver or a fallback. */
export interface Stage {
  /** The solver. */
  readonly solver: Solver;
  /** Largest number of its steps. */
  readonly maxSteps: number;
  /** Returns the progress before the first step: at `y0`, or at the best iterates of the stages before. */
  start(before: BestIterate | undefined): SampleProgress;
  /** Makes one step. With `freezing`, the map sees samples that are not active at their best iterates. */
  step(progress: SampleProgress, freezing: boolean): SampleProgress;
}

/** Binds a solver to the map, which is one of `problem`. */
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

/** Returns the state of `body`, a call of the solver's `method`. Its errors and wrong shapes name the solver. */
const checkedState = (solver: Solver, method: 'init' | 'step', { shape }: DrivenMap, body: () => Iterate): Iterate => {
  const state = calling('solvers/solve', 'solver', solver, method, body);
  assertGiven('solvers/solve', 'solver', solver, 'value', state?.value, shape);
  assertGiven('solvers/solve', 'solver', solver, 'residual', state.residual, shape.slice(0, 1));
  return state;
};

/** @throws `input` for a solver that lacks a method or a valid `problem`. */
export const assertSolver = (solver: Solver): void => {
  assertMethods('solvers/solve', 'solver', solver, ['init', 'step']);
  if (solver.problem === 'fixed-point' || solver.problem === 'root') return;
  throw new FlowError('input', 'solvers/solve', `The solver "${String(solver.name)}" does not say what it solves`, {
    expected: "a problem 'fixed-point' or 'root'",
    got: String(solver.problem),
  });
};
