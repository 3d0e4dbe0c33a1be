import type { Tensor, Tensor1D, Variable } from '@tensorflow/tfjs-core';
import type { Shape, TensorMap } from './tensor.ts';

/** Variables under stable dotted paths such as `layers.0.weight`; the order is the order of insertion. */
export type NamedVariables = Readonly<Record<string, Variable>>;

/** A map linearised at one point: one forward pass, then any number of products. Nothing of it is on the tape. */
export interface Linearization {
  /** The map's value at the point, `[B, ...event]`. Owned by the linearization. */
  readonly value: Tensor;
  /** `J` of each sample, `[B, d, d]`, where {@link LinearizeOptions} asked for it and the map knows a way. Owned by the linearization. */
  readonly jacobian?: Tensor;
  /** `J t` for a stack of tangents, `[K, B, ...event] -> [K, B, ...event]`. */
  jvp(tangents: Tensor): Tensor;
  /** `J^T u` for a stack of cotangents, `[K, B, ...event] -> [K, B, ...event]`. */
  vjp(cotangents: Tensor): Tensor;
  /** Left out by maps whose forward pass serves once. */
  readonly reuse?: Reuse;
  dispose(): void;
}

/** What lets one forward pass serve a solve, a log-determinant and a backward pass. */
export interface Reuse {
  /** All tensors that the linearization owns. */
  readonly tensors: readonly Tensor[];
  /** The same linearization over copies of `tensors`; disposing it leaves them alone. */
  over(copies: readonly Tensor[]): Linearization;
  /** The same linearization with its `jacobian`; takes this one over. */
  whole(): Linearization;
  /** As of {@link Contraction}, on the tape, at the very point: no further forward pass. */
  apply(x: Tensor): Tensor;
  pushforward(x: Tensor, tangents?: Tensor): Pushforward;
}

export interface LinearizeOptions {
  /** Find `jacobian` too. */
  readonly jacobian?: boolean;
}

/** A map that can tell its derivative: what Newton's method and the adjoint solvers ask for. */
export interface DifferentiableMap extends TensorMap {
  linearize(x: Tensor, options?: LinearizeOptions): Linearization;
}

/** A map whose samples can be evaluated apart from the others: what a solver does once most of them are done. */
export interface SampleMap extends TensorMap {
  /** The map of these samples alone, `samples [k]` int32: `[k, ...event] -> [k, ...event]`. */
  among(samples: Tensor1D): TensorMap;
}

export interface Pushforward {
  /** `g(x)`, `[B, ...event]`. */
  readonly value: Tensor;
  /** `J_g(x) t` for each tangent, `[K, B, ...event]`. */
  readonly tangents: Tensor;
}

export interface RefreshOptions {
  /** Iterations at most. Alone: so many power iterations. */
  readonly iterations?: number;
  /** Relative residual at which a norm counts as found: 1e-5 keeps a spectral norm within a factor 1 + 1e-3 of its cap. */
  readonly tolerance?: number;
}

/** A map `g: [B, ...event] -> [B, ...event]` with `Lip(g) <= lipschitz < 1`. */
export interface Contraction {
  readonly shape: Shape;
  /** The bound that the construction keeps. */
  readonly lipschitz: number;
  readonly parameters: NamedVariables;
  /** State that is saved with the model but not trained. */
  readonly buffers: NamedVariables;
  /** `g(x)` on the tape. */
  apply(x: Tensor): Tensor;
  /**
   * `g(x)` and `J_g(x) t` on the tape: differentiable once, with respect to `x`, the tangents `[K, B, ...event]` and the parameters.
   * Without tangents: the images of all unit tangents, see `unitTangents`.
   */
  pushforward(x: Tensor, tangents?: Tensor): Pushforward;
  /** Off the tape. The caller disposes the result. */
  linearize(x: Tensor, options?: LinearizeOptions): Linearization;
  /** Tightens the bound after the parameters changed: see {@link RefreshOptions}. */
  refresh(options?: RefreshOptions): void;
}

/** A contraction in `x` for each context `[B, m]`: the bound concerns `x` alone. */
export interface ConditionalContraction extends Omit<Contraction, 'apply' | 'pushforward' | 'linearize'> {
  readonly contextSize: number;
  /** The contraction at one context. The result borrows the parameters; the context's gradient is on the tape. */
  given(context: Tensor): Contraction;
}

/**
 * `g` for use at the point of a linearization: `apply`, `pushforward` and `linearize` of that very tensor, or a clone of it,
 * make no forward pass of their own. The linearization stays the caller's.
 */
export const reusing = (g: Contraction, point: Tensor, linearization: Linearization): Contraction => {
  const { reuse } = linearization;
  if (reuse === undefined) return g;
  const here = (x: Tensor): boolean => x.dataId === point.dataId;
  return Object.freeze<Contraction>({
    ...g,
    apply: (x) => here(x) ? reuse.apply(x) : g.apply(x),
    pushforward: (x, tangents) => here(x) ? reuse.pushforward(x, tangents) : g.pushforward(x, tangents),
    linearize: (x, options) => here(x) && (options?.jacobian !== true || linearization.jacobian !== undefined) ? borrowed(linearization) : g.linearize(x, options),
  });
};

/** A linearization whose `dispose` does nothing: it belongs to somebody else. */
export const borrowed = (linearization: Linearization): Linearization => ({ ...linearization, dispose: () => {} });
