import {
  add,
  mul,
  scalar,
  stack,
  sum,
  unstack,
  zerosLike,
  type Tensor,
  type Tensor1D,
  type Variable,
} from '@tensorflow/tfjs-core';
import { customOp, vjpByTape } from './autodiff.ts';
import { defineLinearization, type Linearization, type NetLinearization } from './linearization.ts';
import { kept, leaves, recording, scoped } from './scope.ts';
import type { Recipe, WholeCriteria, WholeSolve } from './solver.ts';
import type { Shape, TensorMap } from './tensor.ts';

/** Variables by their dotted path, such as `layers.0.weight`, in the order of insertion. A path never changes. */
export type NamedVariables = Readonly<Record<string, Variable>>;

/** A map with a derivative. Newton's method and the adjoint solvers need a map with a derivative. */
export interface DifferentiableMap extends TensorMap {
  /** Returns the map's linearization at `x [B, ...event]`. The caller disposes it. */
  linearize(x: Tensor): Linearization;
}

/** A map that can be evaluated for some samples only. A solver calls `among` after most samples have converged. */
export interface SampleMap extends TensorMap {
  /** Returns the map of the samples with indices `samples [k]` (int32), `[k, ...event] -> [k, ...event]`. */
  among(samples: Tensor1D): TensorMap;
}

/** Options of `refresh`. */
export interface RefreshOptions {
  /** Largest number of iterations. Without `tolerance`, exactly this number of power iterations is made. */
  readonly iterations?: number;
  /**
   * Relative residual at which a norm has converged. With 1e-5, a spectral norm exceeds its upper bound at most by a
   * factor of 1 + 1e-3.
   */
  readonly tolerance?: number;
}

/** Options of {@link Contraction.linearize}. */
export interface NetOptions {
  /** Condition of a conditional net, `[B, m]`. Default: none. */
  readonly condition?: Tensor | undefined;
  /** Whether `pullback` will be called. If not, the linearization needs less memory and time. Default true. */
  readonly tracked?: boolean;
}

/** A map `g: [B, ...event] -> [B, ...event]` with `Lip(g) <= lipschitz < 1` in `x`, for every condition. */
export interface Contraction {
  /** Event shape of input and output. */
  readonly shape: Shape;
  /** Lipschitz bound in `x`, below 1, which the construction guarantees. */
  readonly lipschitz: number;
  /** Variables that are trained. */
  readonly parameters: NamedVariables;
  /** Variables that are saved with the model but not trained. */
  readonly buffers: NamedVariables;
  /** Size `m` of the condition `[B, m]`. Absent for a net without a condition. */
  readonly conditionSize?: number;
  /** Returns `g(x)`, on the tape. The result belongs to the caller. */
  apply(x: Tensor, condition?: Tensor): Tensor;
  /**
   * Linearizes the net at `x [B, ...event]`. Cost: one forward pass. Off the tape. The caller disposes the result.
   *
   * @throws `shape` for a condition of a wrong shape.
   */
  linearize(x: Tensor, options?: NetOptions): NetLinearization;
  /**
   * Solves `z + g(z) = h` from `z = h` in one kernel, with `condition` if the net is conditional. Returns undefined if
   * the backend has no kernel for this net and method. With `wanted`, the result contains the linearization `g` at the
   * root, which is valid for samples that converged; the caller disposes it. The property is not enumerable, so that
   * object spread does not copy it: a net that is made from another net by object spread may have other roots.
   */
  root?(
    h: Tensor,
    recipe: Recipe,
    criteria: WholeCriteria,
    wanted: { readonly tracked: boolean } | undefined,
    condition?: Tensor,
  ): (WholeSolve & { readonly g: NetLinearization | undefined }) | undefined;
  /**
   * Converts gradients with respect to the explicit weights, with which the layers compute, into gradients with respect
   * to `parameters`, in their order. Off the tape. Called once per backward pass of a block.
   */
  trained(weights: readonly Tensor[]): readonly Tensor[];
  /** Tightens the Lipschitz bound after the parameters changed: see {@link RefreshOptions}. */
  refresh(options?: RefreshOptions): void;
}

/** The part of a {@link Contraction} that its author writes. */
export interface ContractionSpec
  extends
    Pick<Contraction, 'shape' | 'lipschitz' | 'linearize'>,
    Partial<Omit<Contraction, 'apply' | 'shape' | 'lipschitz' | 'linearize'>> {
  /** Returns `g(x)`. Runs off the tape, in a scope. */
  value(x: Tensor, condition?: Tensor): Tensor;
}

/**
 * Completes a contraction: builds `apply` from `value` and `linearize`. Defaults: no parameters and no buffers; the
 * explicit weights are the parameters; `refresh` does nothing.
 */
export const defineContraction = ({
  value,
  linearize,
  root,
  parameters = {},
  buffers = {},
  trained = (weights) => weights,
  refresh = () => {},
  ...rest
}: ContractionSpec): Contraction => {
  const variables = Object.values(parameters);
  const net: Contraction = {
    ...rest,
    parameters,
    buffers,
    linearize,
    trained,
    refresh,
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

/** The value and the directional derivative of a net, written in operations of TensorFlow.js. */
export interface TapedContraction
  extends
    Pick<Contraction, 'shape' | 'lipschitz'>,
    Partial<Pick<Contraction, 'parameters' | 'buffers' | 'conditionSize' | 'refresh'>> {
  /** Returns `g(x)`, `[B, ...event]`. */
  value(x: Tensor, condition?: Tensor): Tensor;
  /**
   * Returns `J(x) t` for a stack of tangents, `[K, B, ...event]`. The tensor operations of this function must have
   * correct gradients.
   */
  push(x: Tensor, tangents: Tensor, condition?: Tensor): Tensor;
}

/**
 * Makes a contraction from plain operations. The tape computes all further derivatives.
 *
 * @remarks Each product with `J^T` evaluates the net again. The nets of package lipschitz are several times faster.
 */
export const contractionByTape = ({ value, push, parameters = {}, ...rest }: TapedContraction): Contraction => {
  const variables = Object.values(parameters);
  return defineContraction({
    ...rest,
    parameters,
    value,
    linearize: (x, { condition, tracked = true } = {}) => {
      const at = kept(() => ({ value: value(x, condition), x: x.clone(), condition: condition?.clone() }));
      const inputs = leaves([at.x, at.condition]);
      const gradients = (of: () => Tensor, xs: readonly Tensor[], u: Tensor): readonly Tensor[] =>
        vjpByTape(of, xs, u).gradients.map((found, i) => (found as Tensor | undefined) ?? zerosLike(xs[i]!));
      const jvp = (tangents: Tensor): Tensor => push(at.x, tangents, at.condition);
      return defineLinearization({
        value: at.value,
        tracked,
        owned: inputs,
        push: (tangents) => ({ images: jvp(tangents), entering: [] }),
        jvp,
        vjp: (cotangents) =>
          stack(unstack(cotangents).map((u) => gradients(() => value(at.x, at.condition), [at.x], u)[0]!)),
        pullback: ({ value: u, pair, onto }) => {
          const paired = (): Tensor =>
            add(
              u === undefined ? scalar(0) : sum(mul(u, value(at.x, at.condition))),
              pair === undefined ? scalar(0) : sum(mul(pair.cotangents, jvp(pair.pushed.tangents))),
            );
          const found = gradients(paired, [...inputs, ...variables], scalar(1));
          return {
            x: found[0]!,
            ...(at.condition === undefined ? {} : { condition: found[1]! }),
            weights: found
              .slice(inputs.length)
              .map((gradient, i) => (onto === undefined ? gradient : add(onto[i]!, gradient))),
          };
        },
      });
    },
  });
};
