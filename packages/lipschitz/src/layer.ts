import type { NamedTensors, NamedVariables, RefreshOptions } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Order } from './learnable-order.ts';

/**
 * The result of a forward pass through one layer, with the tensors that its derivatives need. The trace is a plain
 * record of tensors.
 */
export interface LayerTrace {
  /** The value of the layer, `[B, outputs]`. */
  readonly value: Tensor;
  /** Tensors that the derivatives need, by name. */
  readonly saved: NamedTensors;
}

/** Tensors that the derivatives of a layer read: the trace of the layer without its value. */
export type LayerState = Pick<LayerTrace, 'saved'>;

/** Tangents `t_k` at the input of a layer, and cotangents of the products `J t_k` at the output of the layer. */
export interface TangentCotangents {
  /** The tangents, `[K, B, inputs]`. */
  readonly tangents: Tensor;
  /** The cotangents, `[K, B, outputs]`. */
  readonly cotangents: Tensor;
}

/** The gradient of `<u, f(x)> + sum_k <w_k, J(x) t_k>`. */
export interface LayerGradient {
  /** Gradient with respect to `x`, `[B, inputs]`. */
  readonly x: Tensor;
  /** Gradient with respect to the tangents, `[K, B, inputs]`. Left out if no tangents were given. */
  readonly tangents?: Tensor;
  /** Gradients with respect to the explicit weights of the layer, in their order. */
  readonly weights: readonly Tensor[];
}

/**
 * One layer `[B, inputs] -> [B, outputs]`. The methods of a layer compute derivatives with ordinary operations, so
 * gradients of Jacobians need no gradient tape. The tape does not record any method. Derivatives are taken at the
 * present values of the parameters.
 */
export interface Layer {
  /** Name of the layer in error messages. */
  readonly name: string;
  /** A bound on the Lipschitz constant. */
  readonly lipschitz: number;
  /**
   * Whether the layer is elementwise with all slopes in `[0, 1]`, which sandwich nets require of their activation.
   * Default false.
   */
  readonly monotone?: boolean;
  /**
   * Norms on inputs and outputs for which `lipschitz` is a bound. Absent if the bound holds for every p, with the
   * p-norm of inputs and outputs.
   */
  readonly norm?: { readonly domain: Order; readonly codomain: Order };
  /** Trained tensors by name. A net lists only the tensors that are tfjs variables. */
  readonly parameters: NamedTensors;
  /** Variables that are stored but not trained, by name, such as power vectors. */
  readonly buffers: NamedVariables;
  /**
   * Number of explicit weights: the tensors that the layer computes with, which are functions of the parameters.
   * Default: the number of parameters.
   */
  readonly weightCount?: number;
  /**
   * Converts gradients of the explicit weights to gradients of the parameters, in their order. Left out if the explicit
   * weights are the parameters.
   */
  trained?(weights: readonly Tensor[]): readonly Tensor[];
  /** Returns only the value of the layer, `[B, inputs] -> [B, outputs]`. */
  value(x: Tensor): Tensor;
  /** Returns the value of the layer, with the tensors that the derivatives need. */
  trace(x: Tensor): LayerTrace;
  /** Returns the products `J t` with the Jacobian for a stack of tangents, `[K, B, inputs] -> [K, B, outputs]`. */
  jvp(trace: LayerState, tangents: Tensor): Tensor;
  /**
   * Returns the products `J^T u` with the transposed Jacobian for a stack of cotangents,
   * `[K, B, outputs] -> [K, B, inputs]`.
   */
  vjp(trace: LayerState, cotangents: Tensor): Tensor;
  /** Description of the layer for a fused kernel for whole nets. Left out if such a kernel cannot contain the layer. */
  readonly part?: DensePart | ActivationPart;
  /**
   * Returns the gradient of `<u, f(x)> + sum_k <w_k, J(x) t_k>`: see {@link LayerGradient}. `cotangent` is `u`,
   * `[B, outputs]`.
   */
  pullback(trace: LayerState, cotangent: Tensor, pairs?: TangentCotangents): LayerGradient;
  /** Computes, for the present weight, the norm that the cap divides by. */
  refresh?(options?: RefreshOptions): void;
}

/** A dense layer `x W^T + b`, described by its explicit weights. */
export interface DensePart {
  /** Distinguishes a dense layer from an activation. */
  readonly kind: 'dense';
  /** Features of the input. */
  readonly inputs: number;
  /** Features of the output. */
  readonly outputs: number;
  /** Returns the present weight `W [outputs, inputs]`. The tensor belongs to the layer. */
  weight(): Tensor;
  /** The bias `b [outputs]`. */
  readonly bias: Tensor;
}

/**
 * Names of activations that fused kernels support. `sin`: `sin(2 pi a) / (2 pi)`. `snake`: half of
 * `a + sin(2 pi a) / (2 pi)`. `elu`, `celu`: with the parameter `alpha`. `tanh`, `softplus`: `alpha` is ignored.
 * Kernels of a plugin may support other names. The kernels of this workspace throw `unsupported` for a name that is not
 * listed.
 */
export type FusedActivation = 'sin' | 'snake' | 'elu' | 'celu' | 'tanh' | 'softplus' | (string & {});

/** An activation, in the form in which fused kernels identify it. */
export interface ActivationPart {
  /** Distinguishes an activation from a dense layer. */
  readonly kind: 'activation';
  /** Name of the activation. */
  readonly activation: FusedActivation;
  /** Parameter of `elu` and `celu`; 1 for other activations. */
  readonly alpha: number;
}
