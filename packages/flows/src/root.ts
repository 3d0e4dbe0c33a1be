import {
  foreign,
  kept,
  opposite,
  type Context,
  type Contraction,
  type Linearization,
  type NetLinearization,
  type Recipe,
  type WholeCriteria,
  type WholeSolve,
} from '@impflow/core';
import { solve } from '@impflow/solvers';
import { gather, sub, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import { assertRoot } from './assert-root.ts';
import type { BlockMethods } from './block-options.ts';

/** Arguments of {@link rootOf} that describe one call. */
export interface RootCall {
  /** Direction in which the block is evaluated. The report of the solve contains this value in its field `phase`. */
  readonly phase: 'forward' | 'inverse';
  /**
   * Context of the call. If the context has a function `report`, this function receives the result of the solve. With
   * `verify`, the root is checked for a sample of the rows.
   */
  readonly context: Context;
  /** Condition of the net, `[B, m]`; undefined for a net without a condition. */
  readonly condition: Tensor | undefined;
  /** Whether the caller needs the linearization of the net at the root. */
  readonly wanted: boolean;
  /** Whether the linearization at the root must support `pullback`. */
  readonly tracked: boolean;
  /**
   * Whether an exact log-determinant needs the whole Jacobian at the root. If true, the root is computed by
   * `solver.exact` of the block methods, otherwise by `solver.other`.
   */
  readonly exact: boolean;
}

/** Result of {@link rootOf}. */
export interface Root {
  /** The root `z` of `z + g(z) = h`, `[B, ...event]`. The tensor belongs to the tensor scope of the caller. */
  readonly z: Tensor;
  /** Linearization of `g` at `z`, if it was requested. The caller disposes the linearization. */
  readonly g: NetLinearization | undefined;
}

/**
 * Solves `z + g(z) = h` for each sample, starting at `z = h`. Records no gradients.
 *
 * @remarks `solve` evaluates a converged sample at its last point. So if all samples converged, and the last solver
 * evaluates the map at its iterates, then the last evaluation was at the root. In this case `rootOf` returns the
 * linearization of the last evaluation, without a further pass through the net.
 * @throws the errors of the solver for a net or a dimension that it does not support; `plugin` for a root that is wrong,
 * if `context.verify` is true.
 */
export const rootOf = (
  net: Contraction,
  h: Tensor,
  { solver, fallback, tolerance }: BlockMethods,
  { phase, context, condition, wanted, tracked, exact }: RootCall,
): Root => {
  /**
   * Linearization of `g` at the point of the last evaluation. Undefined if a solver has linearized the map after the
   * last evaluation.
   */
  let last: NetLinearization | undefined;
  const forget = (): void => {
    last?.dispose();
    last = undefined;
  };
  const located = (z: Tensor): NetLinearization => {
    forget();
    last = net.linearize(z, { condition, tracked });
    return last;
  };
  // The map z -> h - g(z), whose fixed point is the root z.
  const map = Object.assign((z: Tensor) => sub(h, wanted ? located(z).value : net.apply(z, condition)), {
    whole: (recipe: Recipe, criteria: WholeCriteria): WholeSolve | undefined => {
      const run = net.root?.(h, recipe, criteria, wanted ? { tracked } : undefined, condition);
      last = run?.g;
      return run;
    },
    linearize: (z: Tensor) => {
      forget();
      return minus(h, net.linearize(z, { condition, tracked: false }));
    },
    ...(wanted
      ? {}
      : {
          among: (samples: Tensor1D) => {
            const [rhs, given] = [gather(h, samples), condition && gather(condition, samples)];
            return (z: Tensor) => sub(rhs, net.apply(z, given));
          },
        }),
  });
  try {
    const {
      value: z,
      status,
      stats,
    } = solve(map, h, {
      solver: exact ? solver.exact : solver.other,
      ...tolerance,
      problem: 'fixed-point',
      fallback,
      onEnd: (end) => context.report?.({ at: '', phase, ...end }),
    });
    // The error is not the fault of the block, so it must not name the block.
    if (context.verify === true) foreign(() => assertRoot(net, { z, h, condition, stats }, tolerance));
    if (wanted && (last === undefined || status !== 'converged')) located(z);
    return { z, g: last };
  } catch (error) {
    forget();
    throw error;
  }
};

/** Returns the linearization of `h - g(z)` from the linearization of `g`. Takes ownership of `g`. */
const minus = (h: Tensor, g: NetLinearization): Linearization => {
  const flipped = opposite(g);
  const value = kept(() => sub(h, g.value));
  return {
    ...flipped,
    value,
    dispose: () => {
      value.dispose();
      flipped.dispose();
    },
  };
};
