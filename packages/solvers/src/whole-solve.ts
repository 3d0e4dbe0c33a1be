import { sizeOf, type Solver, type TensorMap, type WholeMap } from '@impflow/core';
import { reshape, slice } from '@tensorflow/tfjs-core';
import type { DrivenMap } from './driven-map.ts';
import type { StageResult } from './loop.ts';
import type { Problem } from './problem.ts';
import type { Criteria } from './sample-progress.ts';
import { mostSteps, statusesOf } from './statuses.ts';

/** A solve that a kernel may run. */
interface KernelSolve {
  readonly solver: Solver;
  /** Problem of the map, not of the solver. */
  readonly problem: Problem;
  readonly criteria: Criteria;
  readonly maxSteps: number;
  readonly map: DrivenMap;
}

/**
 * Runs all steps of the first solver in one kernel, in place of the loop of its stage. Returns undefined where there is
 * no such kernel: `f` or the solver has none, the problem is `root`, or the backend lacks it.
 */
export const solveInOneKernel = (
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
    value: reshape(value, [samples, sizeOf(value.shape.slice(1))]),
    // The first of the four vectors: they are in the order of `evidenceTensor`.
    residual: slice(evidence, 0, samples),
  };
  const steps = mostSteps(end.steps.dataSync<'float32'>() as Float32Array);
  // One at the start, and one per step.
  map.addEvaluations(steps + 1);
  return { best, statuses, steps, path: [solver.name] };
};

const hasWhole = (f: TensorMap): f is WholeMap => 'whole' in f && typeof f.whole === 'function';
