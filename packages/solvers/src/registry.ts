import { registry, type Registry, type Solver } from '@impflow/core';
import { anderson } from './anderson.ts';
import { broyden } from './broyden.ts';
import { fixedPoint } from './fixed-point.ts';
import { newton } from './newton.ts';
import { quasiNewton } from './quasi-newton.ts';

/** The solvers of this package by name, for command lines and JSON specs. */
export const solvers: Registry<{
  readonly 'fixed-point': typeof fixedPoint;
  readonly anderson: typeof anderson;
  readonly broyden: typeof broyden;
  readonly newton: typeof newton;
  readonly 'quasi-newton': typeof quasiNewton;
}> = registry('solver', { 'fixed-point': fixedPoint, anderson, broyden, newton, 'quasi-newton': quasiNewton });

/** What to fall back on for a contraction: Anderson, which is fast, then fixed-point iteration, which always converges, given about `log(rtol) / log(L)` steps: see `fallbackSteps`. */
export const safeguards = (): readonly Solver[] => [anderson(), fixedPoint()];
