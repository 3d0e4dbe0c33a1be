import { registry, type Registry, type Solver } from '@impflow/core';
import type { AdjointSolver } from './adjoint-solver.ts';
import { anderson } from './anderson.ts';
import { broyden } from './broyden.ts';
import { directAdjoint } from './direct-adjoint.ts';
import { fixedPoint } from './fixed-point.ts';
import { iterativeAdjoint } from './iterative-adjoint.ts';
import { newton } from './newton.ts';
import { quasiNewton } from './quasi-newton.ts';

/** The solvers of this package by name, for command lines and JSON specs. */
export const solvers: Registry<Solver> = registry<Solver>(
  'solver',
  { 'fixed-point': fixedPoint, anderson, broyden, newton, 'quasi-newton': quasiNewton },
  ['init', 'step'],
);

/** The adjoint solvers of this package by name. The options of each solver can be written in JSON. */
export const adjointSolvers: Registry<AdjointSolver> = registry<AdjointSolver>(
  'adjoint solver',
  { direct: directAdjoint, iterative: iterativeAdjoint },
  ['solve'],
);
