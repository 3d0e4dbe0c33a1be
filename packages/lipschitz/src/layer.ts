import type { NamedTensors, NamedVariables, RefreshOptions } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Order } from './learnable-order.ts';

/** A forward pass through one layer, with what its derivatives need. A plain record of tensors. */
export interface LayerTrace {
  /** `[B, outputs]`. */
  readonly value: Tensor;
  readonly saved: NamedTensors;
}

/** What the derivatives of a layer read: the trace without its value. */
export type LayerState = Pick<LayerTrace, 'saved'>;

/** Tangents that entered a layer, `[K, B, inputs]`, and the cotangents of the `J t` that left it, `[K, B, outputs]`. */
export interface TangentCotangents {
  readonly tangents: Tensor;
  readonly cotangents: Tensor;
}

/** The gradient of `<u, f(x)> + sum_k <w_k, J(x) t_k>`. */
export interface LayerGradient {
  /** With respect to `x`, `[B, inputs]`. */
  readonly x: Tensor;
  /** With respect to the tangents, `[K, B, inputs]`; left out where there were none. */
  readonly tangents?: Tensor;
  /** With respect to the explicit weights, in their order. */
  readonly weights: readonly Tensor[];
}

/**
 * One layer `[B, inputs] -> [B, outputs]` with its derivatives written out in forward operations, so that gradients of
 * Jacobians need no tape. None of the methods is on it; derivatives are taken at the parameters' present values.
 */
export interface Layer {
  readonly name: string;
  /** A bound on the Lipschitz constant. */
  readonly lipschitz: number;
  /** Whether the layer is elementwise with slopes in `[0, 1]` alone, which sandwich nets need of their activation. Default false. */
  readonly monotone?: boolean;
  /** The norms that `lipschitz` is about. Left out where it holds from any p-norm to the same one. */
  readonly norm?: { readonly domain: Order; readonly codomain: Order };
  /** What is trained. */
  readonly parameters: NamedTensors;
  readonly buffers: NamedVariables;
  /** Number of explicit weights: what the layer computes with, a function of the parameters. Default: the parameters themselves. */
  readonly weightCount?: number;
  /** The gradient with respect to the parameters, in their order, from that with respect to the explicit weights. Left out where both are the same. */
  trained?(weights: readonly Tensor[]): readonly Tensor[];
  /** The value alone, `[B, outputs]`. */
  value(x: Tensor): Tensor;
  trace(x: Tensor): LayerTrace;
  /** `J t` for a stack, `[K, B, inputs] -> [K, B, outputs]`. */
  jvp(trace: LayerState, tangents: Tensor): Tensor;
  /** `J^T u` for a stack, `[K, B, outputs] -> [K, B, inputs]`. */
  vjp(trace: LayerState, cotangents: Tensor): Tensor;
  /** What a fused kernel for whole nets needs to know, where the layer can be part of one. */
  readonly part?: DensePart | ActivationPart;
  /** The second-order product: see {@link LayerGradient}. */
  pullback(trace: LayerState, cotangent: Tensor, pairs?: TangentCotangents): LayerGradient;
  refresh?(options?: RefreshOptions): void;
}

/** `x W^T + b` with explicit weights. */
export interface DensePart {
  readonly kind: 'dense';
  readonly inputs: number;
  readonly outputs: number;
  /** The present `W [outputs, inputs]`; it stays the layer's. */
  weight(): Tensor;
  readonly bias: Tensor;
}

/** `sin`: `sin(2 pi a) / (2 pi)`; `snake`: half of `a` plus that; `elu`, `celu` with `alpha`; `tanh`, `softplus`: without (`alpha` is ignored). */
export type FusedActivation = 'sin' | 'snake' | 'elu' | 'celu' | 'tanh' | 'softplus';

/** An activation that fused kernels know. */
export interface ActivationPart {
  readonly kind: 'activation';
  readonly activation: FusedActivation;
  readonly alpha: number;
}
