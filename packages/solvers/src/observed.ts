import type { Iterate, Solver, TensorMap } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { begin, proceed, type Criteria, type Progress } from './progress.ts';
import type { SolveOptions } from './solve.ts';

/** Where each sample stands after some steps of a solver: tensors `[B]`, valid until the observer returns. */
export interface Observation {
  /** Steps so far: 0 for the start, which every new solve begins with. */
  readonly step: number;
  /** At the best iterate so far. */
  readonly residual: Tensor;
  /** A sample is done once its residual is no larger. */
  readonly tolerance: Tensor;
  /** Bool: neither done nor lost, so that one more step is for this sample. */
  readonly active: Tensor;
}

/** How the solve is made: as of `solve`, whose defaults these are too. */
export type ObservedOptions = Pick<SolveOptions, 'atol' | 'rtol' | 'divergence'>;

export interface ObservedState extends Iterate {
  readonly progress: Progress;
  readonly step: number;
}

/**
 * A solver that tells of every iterate, by its name and to the same numbers (to rounding, where a kernel would make the whole solve): how the residuals fall, and how many steps each sample needs, which the driver counts for
 * the whole batch alone. The largest number of looks at which a sample is active is `stats.steps`, fallbacks aside.
 *
 * @remarks Keeps the driver's books a second time, one small kernel a step. What the observer does comes on top: reading a tensor waits for the device.
 * @throws whatever `observe` throws.
 */
export const observed = <S extends Iterate>(
  solver: Solver<S>, observe: (observation: Observation) => void, { atol = 1e-6, rtol = 1e-6, divergence = 1e4 }: ObservedOptions = {},
): Solver<ObservedState> => {
  const criteria: Criteria = { atol, rtol, divergence };
  const told = (progress: Progress, step: number): ObservedState => {
    const { state: { value, residual } } = progress;
    observe({ step, residual: progress.residual, tolerance: progress.tolerance, active: progress.active });
    return { value, residual, progress, step };
  };
  return Object.freeze<Solver<ObservedState>>({
    name: solver.name,
    problem: solver.problem,
    init: (f: TensorMap, y0: Tensor) => told(begin(solver.init(f, y0), undefined, criteria), 0),
    step: (f: TensorMap, { progress, step }) => told(proceed(progress, solver.step(f, progress.state as S), criteria), step + 1),
  });
};
