import type { NamedTensors, NamedVariables, RefreshOptions } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Order } from './learnable-order.ts';

/**
 * The result of a forward pass through one layer, with the tensors that its derivatives need. It is a plain record of
 * tensors.
 */
export interface LayerTrace {
  /** `[B, outputs]`. */
  readonly value: Tensor;
  /** Tensors that the derivatives need, by name. */
  readonly saved: NamedTensors;
}

/** Tensors that the derivatives of a layer read. They are its trace without the value. */
export type LayerState = Pick<LayerTrace, 'saved'>;

/** Tangents `t_k` at the input of a layer, and cotangents of the products `J t_k` at its output. */
export interface TangentCotangents {
  /** `[K, B, inputs]`. */
  readonly tangents: Tensor;
  /** `[K, B, outputs]`. */
  readonly cotangents: Tensor;
}

/** The gradient of `<u, f(x)> + sum_k <w_k, J(x) t_k>`. */
export interface LayerGradient {
  /** With respect to `x`, `[B, inputs]`. */
  readonly x: Tensor;
  /** With respect to the tangents, `[K, B, inputs]`. Left out if no tangents were given. */
  readonly tangents?: Tensor;
  /** With respect to the explicit weights, in their order. */
  readonly weights: readonly Tensor[];
}

/**
 * One layer `[B, inputs] -> [B, outputs]`. Its methods compute the derivatives with ordinary operations, so gradients
 * of Jacobians need no tape. No method is on the tape. Derivatives are taken at the present values of the parameters.
 */
export interface Layer {
  /** Name that errors quote. */
  readonly name: string;
  /** A bound on the Lipschitz constant. */
  readonly lipschitz: number;
  /**
   * Whether the layer is elementwise with all slopes in `[0, 1]`, which sandwich nets require of their activation.
   * Default false.
   */
  readonly monotone?: boolean;
  /** The norms for which `lipschitz` is a bound. Left out if the bound holds from any p-norm to the same p-norm. */
  readonly norm?: { readonly domain: Order; readonly codomain: Order };
  /** Trained tensors by name. A net lists only those that are tfjs variables. */
  readonly parameters: NamedTensors;
  /** Variables that are stored but not trained, by name, such as power vectors. */
  readonly buffers: NamedVariables;
  /**
   * Number of explicit weights: the tensors that the layer computes with, which are functions of the parameters.
   * Default: the number of parameters.
   */
  readonly weightCount?: number;
  /**
   * Returns gradients of the parameters, in their order, from gradients of the explicit weights. Left out if the
   * explicit weights are the parameters.
   */
  trained?(weights: readonly Tensor[]): readonly Tensor[];
  /** Returns only the value, `[B, inputs] -> [B, outputs]`. */
  value(x: Tensor): Tensor;
  /** Returns the value, with the tensors that the derivatives need. */
  trace(x: Tensor): LayerTrace;
  /** `J t` for a stack of tangents, `[K, B, inputs] -> [K, B, outputs]`. */
  jvp(trace: LayerState, tangents: Tensor): Tensor;
  /** `J^T u` for a stack of cotangents, `[K, B, outputs] -> [K, B, inputs]`. */
  vjp(trace: LayerState, cotangents: Tensor): Tensor;
  /** Description of the layer for a fused kernel for whole nets. Left out if such a kernel cannot contain the layer. */
  readonly part?: DensePart | ActivationPart;
  /**
   * The gradient of `<u, f(x)> + sum_k <w_k, J(x) t_k>`: see {@link LayerGradient}. `cotangent` is `u`, `[B, outputs]`.
   */
  pullback(trace: LayerState, cotangent: Tensor, pairs?: TangentCotangents): LayerGradient;
  /** Updates the cap to the present weight. */
  refresh?(options?: RefreshOptions): void;
}

/** A dense layer `x W^T + b`, described by its explicit weights. */
export interface DensePart {
  /** Distinguishes it from an activation. */
  readonly kind: 'dense';
  /** Features of the input. */
  readonly inputs: number;
  /** Features of the output. */
  readonly outputs: number;
  /** The present `W [outputs, inputs]`. It belongs to the layer. */
  weight(): Tensor;
  /** `b [outputs]`. */
  readonly bias: Tensor;
}

/**
 * Names of activations that fused kernels support. `sin`: `sin(2 pi a) / (2 pi)`. `snake`: half of
 * `a + sin(2 pi a) / (2 pi)`. `elu`, `celu`: with `alpha`. `tanh`, `softplus`: `alpha` is ignored. Kernels of a plugin
 * may support other names, for which the kernels of this workspace throw `unsupported`.
 */
export type FusedActivation = 'sin' | 'snake' | 'elu' | 'celu' | 'tanh' | 'softplus' | (string & {});

/** An activation, in the form in which fused kernels identify it. */
export interface ActivationPart {
  /** Distinguishes it from a dense layer. */
  readonly kind: 'activation';
  /** Name of the activation. */
  readonly activation: FusedActivation;
  /** Parameter of `elu` and `celu`; 1 for other activations. */
  readonly alpha: number;
}
