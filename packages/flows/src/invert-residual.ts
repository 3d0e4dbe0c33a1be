import {
  borrowed, keeping, leaves, recomputing, reusing, scoped, withLeaves, type Context, type Contraction, type Linearization, type LinearizeOptions, type Solver,
} from '@impflow/core';
import { anderson, directAdjoint, implicit, iterativeAdjoint, quasiNewton, safeguards, type AdjointSolver, type SolveOptions } from '@impflow/solvers';
import { dispose, gather, neg, sub, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import { atContext, type Net } from './net.ts';

/** How a block solves `z + g(z) = h` and the adjoint system of its gradient. */
export interface RootOptions {
  /** Default: quasi-Newton from the exact Jacobian where an exact log-determinant needs one anyway and the dimension is at most 3; else Anderson. */
  readonly solver?: Solver;
  /** Solvers tried in turn on the samples that did not converge. Default: Anderson, then the plain fixed point, which converges for any contraction, given steps enough. */
  readonly fallback?: readonly Solver[];
  /** Default: the exact Jacobian up to dimension 3, or where the log-determinant needs it anyway; else Anderson on vector-Jacobian products. */
  readonly adjoint?: AdjointSolver;
  /** Tolerances and limits of the forward and inverse solves. */
  readonly solve?: Pick<SolveOptions, 'atol' | 'rtol' | 'maxSteps' | 'checkEvery'>;
  /**
   * What training keeps of each net until the backward pass. `keep`, the default: all that happened inside, which grows with its hidden layers.
   * `budget`: what goes in and comes out, and the gradient of the log-determinant, which is taken at once. The same values and, but for rounding, the same gradients,
   * for one more pass in the backward pass through each net, two where it was solved for, and one more estimate of the log-determinant where a loss weighs samples
   * differently. It pays where hidden activations are larger than the parameters, as for images. Conditional nets always keep.
   */
  readonly memory?: 'keep' | 'budget';
}

/** Whether a net keeps nothing of what happens inside it. What a conditional net computes of its condition would be lost to the gradient. */
export const isThrifty = (net: Net, { memory = 'keep' }: RootOptions): boolean => memory === 'budget' && !('given' in net);

/** Dimension up to which the exact Jacobian is the fastest way to a root: it costs as many products. */
const LOW = 3;

/** What is wanted at a root beside its value. */
export interface AtRoot<R> {
  /** Gets the net for that very point: what it needs there, such as a log-determinant, costs no forward pass, and neither does the gradient. */
  readonly use: (z: Tensor, g: Contraction) => R;
  /** Whether `use` needs the whole Jacobian, so that the solver and the adjoint may have it too. */
  readonly exact: boolean;
}

/**
 * The `z` with `z + g(z) = h`, differentiable with respect to `h` and the parameters of `g` by the implicit function theorem.
 *
 * @remarks The start `z = h` costs nothing; the memory of the gradient does not grow with the number of steps.
 */
export const invertResidual = (net: Net, h: Tensor, phase: 'forward' | 'inverse', options: RootOptions, context: Context): Tensor =>
  solveResidual(net, h, phase, options, context, { exact: false, linearize: false }).value;

/** {@link invertResidual}, and something else at the root. */
export const invertResidualWith = <R>(
  net: Net, h: Tensor, phase: 'forward' | 'inverse', options: RootOptions, context: Context, { use, exact }: AtRoot<R>,
): R => {
  const { value, linearization, g } = solveResidual(net, h, phase, options, context, { exact, linearize: true });
  try {
    return use(value, linearization === undefined ? g : reusing(g, value, keeping(linearization.inner)));
  } finally {
    linearization?.dispose();
  }
};

interface Root {
  readonly value: Tensor;
  readonly g: Contraction;
  readonly linearization?: Minus;
}

const solveResidual = (
  net: Net, h: Tensor, phase: 'forward' | 'inverse', options: RootOptions, context: Context, { exact, linearize }: { readonly exact: boolean; readonly linearize: boolean },
): Root => {
  const { solver, fallback, adjoint, solve = {} } = options;
  const { report, condition } = context;
  const g = atContext(net, { condition }, h);
  const low = g.shape.length === 1 && g.shape[0]! <= LOW;
  const taped = isThrifty(net, options) ? recomputing(g) : g;
  // z -> h - g(z), whose fixed point is wanted.
  const map = Object.assign((z: Tensor, rhs: Tensor) => sub(rhs, taped.apply(z)), {
    linearize: (z: Tensor, [rhs, given]: readonly Tensor[], options?: LinearizeOptions) =>
      // What a conditional net computed of its context in the forward pass is gone in the backward pass.
      minus(rhs!, (given === condition ? taped : atContext(net, { condition: given }, rhs!)).linearize(z, options)),
    // With a condition per sample, `g` is that of all samples.
    ...(condition === undefined ? { among: (samples: Tensor1D, [rhs]: readonly Tensor[]) => (z: Tensor) => sub(gather(rhs!, samples), g.apply(z)) } : {}),
  });
  const { value, linearization } = implicit(map, h, {
    ...solve,
    problem: 'fixed-point',
    // The condition may have been computed within the loss: as an input it lives until the backward pass.
    inputs: condition === undefined ? [h] : [h, condition],
    solver: solver ?? (low && exact ? quasiNewton() : anderson()),
    fallback: fallback ?? safeguards(),
    adjoint: adjoint ?? (low || exact ? directAdjoint() : iterativeAdjoint()),
    linearize,
    onEnd: (end) => report?.({ at: '', phase, ...end }),
    onAdjoint: (end) => report?.({ at: '', phase: 'adjoint', ...end }),
  });
  // What `map.linearize` made.
  return { value, g, ...(linearization === undefined ? {} : { linearization: linearization as Minus }) };
};

/** `rhs - g(z)` linearized, from `g` linearized, which it takes over. */
interface Minus extends Linearization {
  readonly inner: Linearization;
}

const minus = (rhs: Tensor, inner: Linearization): Minus =>
  minusWith(rhs, inner, scoped(() => ({ value: sub(rhs, inner.value), ...(inner.jacobian === undefined ? {} : { jacobian: neg(inner.jacobian) }) })));

type Own = Pick<Linearization, 'value' | 'jacobian'>;

const minusWith = (rhs: Tensor, inner: Linearization, own: Own): Minus => {
  const { reuse } = inner;
  const mine = leaves(own);
  return {
    ...own, inner,
    jvp: (t) => scoped(() => neg(inner.jvp(t))),
    vjp: (u) => scoped(() => neg(inner.vjp(u))),
    ...(reuse === undefined ? {} : {
      reuse: {
        tensors: [...mine, ...reuse.tensors],
        over: (copies) => borrowed(minusWith(rhs, reuse.over(copies.slice(mine.length)), withLeaves(own, copies))),
        whole: () => {
          const whole = reuse.whole();
          return minusWith(rhs, whole, { ...own, jacobian: own.jacobian ?? neg(whole.jacobian!) });
        },
        apply: (z) => sub(rhs, reuse.apply(z)),
        pushforward: (z, tangents) => {
          const pushed = reuse.pushforward(z, tangents);
          return { value: sub(rhs, pushed.value), tangents: neg(pushed.tangents) };
        },
      },
    }),
    dispose: () => {
      inner.dispose();
      dispose([...mine]);
    },
  };
};
