import { registry, type Bijector, type LogDetEstimator, type Registry, type Solver, type Table } from '@impflow/core';
import { activations, type Layer } from '@impflow/lipschitz';
import { logDetEstimators } from '@impflow/logdet';
import { adjointSolvers, solvers, type AdjointSolver } from '@impflow/solvers';
import type { BaseDistribution } from './base.ts';
import { mixture } from './base-mixture.ts';
import { normal } from './base-normal.ts';
import { studentT } from './base-student-t.ts';
import { uniform } from './base-uniform.ts';
import { blockKinds } from './block-kinds.ts';

/** Base densities by name. */
export const bases: Registry<Table<BaseDistribution>> = registry<Table<BaseDistribution>>('base density', { normal, uniform, studentT, mixture }, ['logProb', 'sample']);

/** What a spec may name. A plugin extends one of them; nothing registers itself. */
export interface Registries {
  readonly solver: Registry<Table<Solver>>;
  readonly adjoint: Registry<Table<AdjointSolver>>;
  readonly logDet: Registry<Table<LogDetEstimator>>;
  readonly activation: Registry<Table<Layer>>;
  readonly base: Registry<Table<BaseDistribution>>;
  readonly block: Registry<Table<Bijector>>;
}

/** What the packages of this workspace bring. */
export const registries: Registries = Object.freeze({
  solver: solvers as unknown as Registry<Table<Solver>>,
  adjoint: adjointSolvers as unknown as Registry<Table<AdjointSolver>>,
  logDet: logDetEstimators as unknown as Registry<Table<LogDetEstimator>>,
  activation: activations as unknown as Registry<Table<Layer>>,
  base: bases,
  block: blockKinds,
});
