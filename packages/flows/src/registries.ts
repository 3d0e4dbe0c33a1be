import { registry, type Bijector, type LogDetEstimator, type Registry, type Solver } from '@impflow/core';
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
export const bases: Registry<BaseDistribution> = registry<BaseDistribution>(
  'base density',
  { normal: normalBase, uniform: uniformBase, studentT: studentTBase, mixture: mixtureBase },
  ['logProb', 'sample'],
);

/**
 * The registries that resolve names in a spec. {@link extendRegistries} adds the factories of a plugin; importing a
 * package registers nothing.
 */
export interface Registries {
  /** Solvers of `z + g(z) = h`. */
  readonly solver: Registry<Solver>;
  /** Solvers of the adjoint system. */
  readonly adjoint: Registry<AdjointSolver>;
  /** Estimators of log-determinants. */
  readonly logDet: Registry<LogDetEstimator>;
  /** Activations of the nets. */
  readonly activation: Registry<Layer>;
  /** Base densities. */
  readonly base: Registry<BaseDistribution>;
  /** Kinds of blocks. */
  readonly block: Registry<Bijector>;
}

/** The registries of ImpFlow's own packages, without plugins. */
export const builtInRegistries: Registries = Object.freeze({
  solver: solvers,
  adjoint: adjointSolvers,
  logDet: logDetEstimators,
  activation: activations,
  base: bases,
  block: blockKinds,
});
