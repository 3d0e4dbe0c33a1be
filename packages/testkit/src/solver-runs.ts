import { key, drawNormal, type Shape, type Solution, type Solver, type TensorMap } from '@impflow/core';
import { solve, type SolveOptions } from '@impflow/solvers';
import { sub, type Tensor } from '@tensorflow/tfjs-core';
import { differentiable } from './maps.ts';

/** Returns a function that computes the fixed point of `f` from `y0` with a new instance, in at most 100 steps. */
export const attempts =
  (solver: () => Solver): ((f: TensorMap, y0: Tensor, options?: Partial<SolveOptions>) => Solution) =>
  (f, y0, options = {}) =>
    solve(f, y0, { solver: solver(), problem: 'fixed-point', maxSteps: 100, ...options });

/** Options with which a solve makes exactly three steps. */
export const UNDER_WAY: Partial<SolveOptions> = { maxSteps: 3, atol: 0, rtol: 0 };

/** Yields the values of a method without `solve`: at the start, then after each step. */
export function* walk(method: Solver, f: TensorMap, y0: Tensor): Generator<Float32Array, never> {
  const map = formFor(method, f);
  for (let state = method.init(map, y0); ; state = method.step(map, state))
    yield state.value.dataSync<'float32'>() as Float32Array;
}

/** Returns the first `steps + 1` values of {@link walk}. */
export const iterates = (method: Solver, f: TensorMap, y0: Tensor, steps: number): readonly Float32Array[] => {
  const way = walk(method, f, y0);
  return Array.from({ length: steps + 1 }, () => way.next().value);
};

/** Returns starting points that consist of normal random numbers. */
export const starts = (event: Shape, batch: number): Tensor => drawNormal(key(3), [batch, ...event]);

/** Returns the fixed-point map `f` as a map of the problem that the method solves, for use without `solve`. */
export const formFor = ({ problem }: Solver, f: TensorMap): TensorMap =>
  problem === 'fixed-point' ? f : differentiable((y) => sub(y, f(y)));
