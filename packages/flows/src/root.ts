import {
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
import type { BlockMethods } from './block-options.ts';

/** Arguments of {@link rootOf} that describe one call. */
export interface RootCall {
  /** Direction of the solve, which its report names. */
  readonly phase: 'forward' | 'inverse';
  /** Context of the call. Its `report`, if any, receives the result of the solve. */
  readonly context: Context;
  /** Condition of the net, `[B, m]`; undefined for a net without a condition. */
  readonly condition: Tensor | undefined;
  /** Whether the linearization of the net at the root is needed. */
  readonly wanted: boolean;
  /** Whether that linearization must support `pullback`. */
  readonly tracked: boolean;
  /** Whether an exact log-determinant needs the whole Jacobian at the root. Selects the solver. */
  readonly exact: boolean;
}

/** Result of {@link rootOf}. */
export interface Root {
  /** `z` with `z + g(z) = h`, `[B, ...event]`, in the scope of the caller. */
  readonly z: Tensor;
  /** Linearization of `g` at `z`, if it was requested. The caller disposes it. */
  readonly g: NetLinearization | undefined;
}

/**
 * Solves `z + g(z) = h` for each sample, starting at `z = h`. Off the tape.
 *
 * @remarks `solve` evaluates converged samples at their last point. If all samples converged and the last solver
 * evaluates the map at its iterates, the last evaluation was at the root. The linearization at the root then costs no
 * further pass.
 * @throws the errors of the solver for a net or a dimension that it does not support.
 */
export const rootOf = (
  net: Contraction,
  h: Tensor,
  { solver, fallback, tolerance }: BlockMethods,
  { phase, context, condition, wanted, tracked, exact }: RootCall,
): Root => {
  /** `g` at the point of the last evaluation; undefined if a method has linearized the map since then. */
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
  // The map z -> h - g(z). Its fixed point is the root.
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
    const { value: z, status } = solve(map, h, {
      solver: exact ? solver.exact : solver.other,
      ...tolerance,
      problem: 'fixed-point',
      fallback,
      onEnd: (end) => context.report?.({ at: '', phase, ...end }),
    });
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
