import { add, mul, scalar, stack, sum, unstack, zerosLike, type Tensor, type Tensor1D, type Variable } from '@tensorflow/tfjs-core';
import { customOp, pullback } from './autodiff.ts';
import { defineLinearization, type Linearization, type NetLinearization } from './linearization.ts';
import { kept, leaves, recording, scoped } from './scope.ts';
import type { Recipe, WholeCriteria, WholeRun } from './solver.ts';
import type { Shape, TensorMap } from './tensor.ts';

/** Variables under stable dotted paths such as `layers.0.weight`; the order is the order of insertion. */
export type NamedVariables = Readonly<Record<string, Variable>>;

/** A map that can tell its derivative: what Newton's method and the adjoint solvers ask for. */
export interface DifferentiableMap extends TensorMap {
  /** The caller disposes the result. */
  linearize(x: Tensor): Linearization;
}

/** A map whose samples can be evaluated apart from the others: what a solver does once most of them are done. */
export interface SampleMap extends TensorMap {
  /** The map of these samples alone, `samples [k]` int32: `[k, ...event] -> [k, ...event]`. */
  among(samples: Tensor1D): TensorMap;
}

export interface RefreshOptions {
  /** Iterations at most. Alone: this number of power iterations. */
  readonly iterations?: number;
  /** Relative residual at which a norm counts as found: 1e-5 keeps a spectral norm within a factor 1 + 1e-3 of its cap. */
  readonly tolerance?: number;
}

export interface NetOptions {
  /** `[B, m]`, for a net that sees one. */
  readonly condition?: Tensor | undefined;
  /** Whether `pullback` will be called. Default true; false spares memory and time. */
  readonly tracked?: boolean;
}

/** A map `g: [B, ...event] -> [B, ...event]` with `Lip(g) <= lipschitz < 1`, for each condition where it sees one. */
export interface Contraction {
  readonly shape: Shape;
  /** The bound in `x` that the construction keeps. */
  readonly lipschitz: number;
  /** What is trained. */
  readonly parameters: NamedVariables;
  /** State that is saved with the model but not trained. */
  readonly buffers: NamedVariables;
  /** Size `m` of the condition `[B, m]` that the net also sees. Absent: none. */
  readonly contextSize?: number;
  /** `g(x)` on the tape. The result belongs to the caller. */
  apply(x: Tensor, condition?: Tensor): Tensor;
  /** The net at `x [B, ...event]`, by one forward pass. Off the tape. The caller disposes the result. @throws `shape` for a condition that does not fit. */
  linearize(x: Tensor, options?: NetOptions): NetLinearization;
  /**
   * Solves `z + g(z) = h` from `z = h` in one kernel, where the backend has one for this net and method: with `g` at the root where it is wanted, which the
   * caller disposes. That holds for samples that converged. A spread of the net does not copy this method: a net made from another has other roots.
   */
  root?(h: Tensor, recipe: Recipe, criteria: WholeCriteria, wanted: { readonly tracked: boolean } | undefined): (WholeRun & { readonly g: NetLinearization | undefined }) | undefined;
  /** The gradient with respect to `parameters`, in their order, from that with respect to the explicit weights. Off the tape; once for each backward pass of a block. */
  trained(weights: readonly Tensor[]): readonly Tensor[];
  /** Tightens the bound after the parameters changed: see {@link RefreshOptions}. */
  refresh(options?: RefreshOptions): void;
}

/** The part of a {@link Contraction} that its author writes. */
export interface ContractionSpec extends Pick<Contraction, 'shape' | 'lipschitz' | 'linearize'>, Partial<Omit<Contraction, 'apply' | 'shape' | 'lipschitz' | 'linearize'>> {
  /** `g(x)` off the tape, in a scope. */
  value(x: Tensor, condition?: Tensor): Tensor;
}

/** Completes a contraction: `apply` from its value and its linearization. Left out: no parameters, explicit weights that are the parameters, a bound that needs no refresh. */
export const defineContraction = ({ value, linearize, root, parameters = {}, buffers = {}, trained = (weights) => weights, refresh = () => {}, ...rest }: ContractionSpec): Contraction => {
  const variables = Object.values(parameters);
  const net: Contraction = {
    ...rest, parameters, buffers, linearize, trained, refresh,
    apply: (x, condition) => {
      if (!recording()) return scoped(() => value(x, condition));
      return customOp([x, ...(condition === undefined ? [] : [condition]), ...variables], {
        forward: () => {
          const g = linearize(x, { condition });
          return { value: g.value.clone(), saved: { g } };
        },
        backward: (u, { g }) => {
          const gradient = g.pullback({ value: u });
          return [gradient.x, ...(condition === undefined ? [] : [gradient.condition!]), ...trained(gradient.weights)];
        },
      });
    },
  };
  if (root !== undefined) Object.defineProperty(net, 'root', { value: root });
  return Object.freeze(net);
};

/** A net in operations of TensorFlow.js: its value and its directional derivative. */
export interface TapedContraction extends Pick<Contraction, 'shape' | 'lipschitz'>, Partial<Pick<Contraction, 'parameters' | 'buffers' | 'contextSize' | 'refresh'>> {
  /** `g(x)`. */
  value(x: Tensor, condition?: Tensor): Tensor;
  /** `J(x) t` for a stack of tangents, `[K, B, ...event]`, written in operations whose gradients are right. */
  push(x: Tensor, tangents: Tensor, condition?: Tensor): Tensor;
}

/**
 * A contraction from plain operations: the tape finds every other derivative.
 *
 * @remarks Each product with `J^T` evaluates the net again. Nets of layers (package lipschitz) are several times faster.
 */
export const contractionByTape = ({ value, push, parameters = {}, ...rest }: TapedContraction): Contraction => {
  const variables = Object.values(parameters);
  return defineContraction({
    ...rest, parameters, value,
    linearize: (x, { condition, tracked = true } = {}) => {
      const at = kept(() => ({ value: value(x, condition), x: x.clone(), condition: condition?.clone() }));
      const inputs = leaves([at.x, at.condition]);
      const gradients = (of: () => Tensor, xs: readonly Tensor[], u: Tensor): readonly Tensor[] => pullback(of, xs, u).gradients.map((found, i) => (found as Tensor | undefined) ?? zerosLike(xs[i]!));
      const jvp = (tangents: Tensor): Tensor => push(at.x, tangents, at.condition);
      return defineLinearization({
        value: at.value, tracked,
        owned: inputs,
        push: (tangents) => ({ images: jvp(tangents), entering: [] }),
        jvp,
        vjp: (cotangents) => stack(unstack(cotangents).map((u) => gradients(() => value(at.x, at.condition), [at.x], u)[0]!)),
        pullback: ({ value: u, pair, onto }) => {
          const paired = (): Tensor => add(
            u === undefined ? scalar(0) : sum(mul(u, value(at.x, at.condition))),
            pair === undefined ? scalar(0) : sum(mul(pair.cotangents, jvp(pair.pushed.tangents))));
          const found = gradients(paired, [...inputs, ...variables], scalar(1));
          return {
            x: found[0]!, ...(at.condition === undefined ? {} : { condition: found[1]! }),
            weights: found.slice(inputs.length).map((gradient, i) => onto === undefined ? gradient : add(onto[i]!, gradient)),
          };
        },
      });
    },
  });
};
