import {
  borrowed, leaves, reusing, scoped, unitTangents, withLeaves, type Context, type Contraction, type Linearization, type LinearizeOptions, type Solver,
} from '@impflow/core';
import { anderson, directAdjoint, implicit, iterativeAdjoint, quasiNewton, safeguards, type AdjointSolver, type SolveOptions } from '@impflow/solvers';
import { add, dispose, eye, sub, type Tensor } from '@tensorflow/tfjs-core';
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
}

/** Dimension up to which the exact Jacobian is the fastest way to a root: it costs as many products. */
const LOW = 3;

/** What is wanted at a root beside its value. */
interface AtRoot<R> {
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
    return use(value, linearization === undefined ? g : reusing(g, value, linearization.inner));
  } finally {
    linearization?.dispose();
  }
};

interface Root {
  readonly value: Tensor;
  readonly g: Contraction;
  readonly linearization?: Residual;
}

const solveResidual = (
  net: Net, h: Tensor, phase: 'forward' | 'inverse', { solver, fallback, adjoint, solve = {} }: RootOptions, context: Context, { exact, linearize }: { readonly exact: boolean; readonly linearize: boolean },
): Root => {
  const { report, condition } = context;
  const g = atContext(net, { condition }, h);
  const low = g.shape.length === 1 && g.shape[0]! <= LOW;
  // F(z) = z + g(z) - h, whose root is wanted.
  const map = Object.assign((z: Tensor, rhs: Tensor) => sub(add(z, g.apply(z)), rhs), {
    linearize: (z: Tensor, [rhs, given]: readonly Tensor[], options?: LinearizeOptions) =>
      // What a conditional net computed of its context in the forward pass is gone in the backward pass.
      residualAt(z, rhs!, (given === condition ? g : atContext(net, { condition: given }, rhs!)).linearize(z, options)),
  });
  const { value, status, stats, linearization } = implicit(map, h, {
    ...solve,
    problem: 'root',
    // The condition may have been computed within the loss: as an input it lives until the backward pass.
    inputs: condition === undefined ? [h] : [h, condition],
    solver: solver ?? (low && exact ? quasiNewton() : anderson()),
    fallback: fallback ?? safeguards(),
    adjoint: adjoint ?? (low || exact ? directAdjoint() : iterativeAdjoint()),
    linearize,
    onAdjoint: (solution) => report?.({ at: '', phase: 'adjoint', ...solution }),
  });
  report?.({ at: '', phase, status, stats });
  // What `map.linearize` made.
  return { value, g, ...(linearization === undefined ? {} : { linearization: linearization as Residual }) };
};

/** `F` linearized, from `g` linearized, which it takes over. */
interface Residual extends Linearization {
  readonly inner: Linearization;
}

const residualAt = (z: Tensor, rhs: Tensor, inner: Linearization): Residual => {
  const value = scoped(() => sub(add(z, inner.value), rhs));
  const jacobian = inner.jacobian === undefined ? undefined : onePlus(inner.jacobian);
  return residual(rhs, inner, { value, ...(jacobian === undefined ? {} : { jacobian }) });
};

/** `I + J` of each sample. */
const onePlus = (jacobian: Tensor): Tensor => scoped(() => add(jacobian, eye(jacobian.shape[1]!)));

type Own = Pick<Linearization, 'value' | 'jacobian'>;

const residual = (rhs: Tensor, inner: Linearization, own: Own): Residual => {
  const { reuse } = inner;
  const mine = leaves(own);
  return {
    ...own, inner,
    jvp: (t) => scoped(() => add(t, inner.jvp(t))),
    vjp: (u) => scoped(() => add(u, inner.vjp(u))),
    ...(reuse === undefined ? {} : {
      reuse: {
        tensors: [...mine, ...reuse.tensors],
        over: (copies) => borrowed(residual(rhs, reuse.over(copies.slice(mine.length)), withLeaves(own, copies))),
        whole: () => {
          const whole = reuse.whole();
          return residual(rhs, whole, { ...own, jacobian: own.jacobian ?? onePlus(whole.jacobian!) });
        },
        apply: (z) => sub(add(z, reuse.apply(z)), rhs),
        pushforward: (z, tangents) => {
          const pushed = reuse.pushforward(z, tangents);
          const given = tangents ?? unitTangents(z.shape[0]!, z.shape[1]!);
          return { value: sub(add(z, pushed.value), rhs), tangents: add(given, pushed.tangents) };
        },
      },
    }),
    dispose: () => {
      inner.dispose();
      dispose([...mine]);
    },
  };
};
