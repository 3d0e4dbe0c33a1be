import { registry, type Bijector, type LogDetEstimator, type Registry, type Solver, type Table } from '@impflow/core';
import { activations, type Layer } from '@impflow/lipschitz';
import { logDetEstimators } from '@impflow/logdet';
import { adjointSolvers, solvers, type AdjointSolver } from '@impflow/solvers';
import { mixtureBase } from './base-mixture.ts';
import { normalBase } from './base-normal.ts';
import { studentTBase } from './base-student-t.ts';
import { uniformBase } from './base-uniform.ts';
import type { BaseDistribution } from './base.ts';
import { blockKinds } from './block-kinds.ts';

/** Base densities by name. */
export const bases: Registry<Table<BaseDistribution>> = registry<Table<BaseDistribution>>(
  'base density',
  { normal: normalBase, uniform: uniformBase, studentT: studentTBase, mixture: mixtureBase },
  ['logProb', 'sample'],
);

/**
 * The registries that resolve names in a spec. A plugin extends them with {@link extendRegistries}; importing a package
 * registers nothing.
 */
export interface Registries {
  /** Solvers of `z + g(z) = h`. */
  readonly solver: Registry<Table<Solver>>;
  /** Solvers of the adjoint system. */
  readonly adjoint: Registry<Table<AdjointSolver>>;
  /** Estimators of log-determinants. */
  readonly logDet: Registry<Table<LogDetEstimator>>;
  /** Activations of the nets. */
  readonly activation: Registry<Table<Layer>>;
  /** Base densities. */
  readonly base: Registry<Table<BaseDistribution>>;
  /** Kinds of blocks. */
  readonly block: Registry<Table<Bijector>>;
}

/** The registries of this workspace's own packages, without plugins. */
export const registries: Registries = Object.freeze({
  solver: solvers as unknown as Registry<Table<Solver>>,
  adjoint: adjointSolvers as unknown as Registry<Table<AdjointSolver>>,
  logDet: logDetEstimators as unknown as Registry<Table<LogDetEstimator>>,
  activation: activations as unknown as Registry<Table<Layer>>,
  base: bases,
  block: blockKinds,
});
