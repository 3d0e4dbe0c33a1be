import { kept, opposite, type Context, type Contraction, type Linearization, type NetLinearization, type Recipe, type WholeCriteria, type WholeRun } from '@impflow/core';
import { solve } from '@impflow/solvers';
import { gather, sub, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import type { BlockMethods } from './block-options.ts';

export interface RootCall {
  readonly phase: 'forward' | 'inverse';
  readonly context: Context;
  readonly condition: Tensor | undefined;
  /** Whether the net's linearization at the root is wanted, and whether it tracks. */
  readonly wanted: boolean;
  readonly tracked: boolean;
  /** Whether an exact log-determinant needs the whole Jacobian there anyway. */
  readonly exact: boolean;
}

export interface Root {
  /** `z` with `z + g(z) = h`, `[B, ...event]`, in the scope of the caller. */
  readonly z: Tensor;
  /** `g` at `z`, where it was wanted. The caller disposes it. */
  readonly g: NetLinearization | undefined;
}

/**
 * Solves `z + g(z) = h` for each sample, from `z = h`. Off the tape.
 *
 * @remarks The driver evaluates samples that are done where they were done. So where all samples converged and the last solver evaluates the map at its iterates, the last
 * evaluation was at the root: its linearization costs no further pass.
 * @throws what the solver throws for a net or a dimension that it does not take.
 */
export const rootOf = (net: Contraction, h: Tensor, { solver, fallback, solve: solving }: BlockMethods, { phase, context, condition, wanted, tracked, exact }: RootCall): Root => {
  /** `g` where it was evaluated last, unless a method linearized the map somewhere since. */
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
  // z -> h - g(z), whose fixed point is wanted.
  const map = Object.assign(
    (z: Tensor) => sub(h, wanted ? located(z).value : net.apply(z, condition)),
    {
      whole: (recipe: Recipe, criteria: WholeCriteria): WholeRun | undefined => {
        const run = net.root?.(h, recipe, criteria, wanted ? { tracked } : undefined);
        last = run?.g;
        return run;
      },
      linearize: (z: Tensor) => {
        forget();
        return minus(h, net.linearize(z, { condition, tracked: false }));
      },
      ...(wanted ? {} : {
        among: (samples: Tensor1D) => {
          const [rhs, given] = [gather(h, samples), condition && gather(condition, samples)];
          return (z: Tensor) => sub(rhs, net.apply(z, given));
        },
      }),
    },
  );
  try {
    const { value: z, status } = solve(exact ? solver.exact : solver.other, map, h, {
      ...solving, problem: 'fixed-point', fallback, onEnd: (end) => context.report?.({ at: '', phase, ...end }),
    });
    if (wanted && (last === undefined || status !== 'converged')) located(z);
    return { z, g: last };
  } catch (error) {
    forget();
    throw error;
  }
};

/** `h - g(z)` at a point, from `g` there, which it takes over. */
const minus = (h: Tensor, g: NetLinearization): Linearization => {
  const flipped = opposite(g);
  const value = kept(() => sub(h, g.value));
  return {
    ...flipped, value,
    dispose: () => {
      value.dispose();
      flipped.dispose();
    },
  };
};
