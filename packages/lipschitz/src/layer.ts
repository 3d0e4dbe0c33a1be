import type { NamedTensors, NamedVariables, RefreshOptions } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Order } from './learnable-order.ts';

/** A forward pass through one layer, with what its derivatives need. A plain record of tensors. */
export interface LayerTrace {
  /** `[B, outputs]`. */
  readonly value: Tensor;
  readonly saved: NamedTensors;
}

/** A tangent `t` that entered a layer and the cotangent `w` of the `J t` that left it, both `[B, n]`. */
export interface TangentCotangent {
  readonly tangent: Tensor;
  readonly cotangent: Tensor;
}

/** The gradient of `<u, f(x)> + sum_k <w_k, J(x) t_k>`. */
export interface LayerGradient {
  /** With respect to `x`, `[B, inputs]`. */
  readonly x: Tensor;
  /** With respect to each `t_k`, `[B, inputs]`. */
  readonly tangents: readonly Tensor[];
  /** With respect to the parameters, in their order. */
  readonly parameters: readonly Tensor[];
}

/**
 * One layer `[B, inputs] -> [B, outputs]` with its derivatives written out in forward operations, so that gradients of
 * Jacobians need the tape once only. None of the methods is on the tape.
 */
export interface Layer {
  readonly name: string;
  /** A bound on the Lipschitz constant. */
  readonly lipschitz: number;
  /** The norms that `lipschitz` is about. Left out where it holds from any p-norm to the same one. */
  readonly norm?: { readonly domain: Order; readonly codomain: Order };
  readonly parameters: NamedTensors;
  readonly buffers: NamedVariables;
  /** The value alone, `[B, outputs]`. */
  value(x: Tensor): Tensor;
  trace(x: Tensor): LayerTrace;
  /** `J t`. */
  jvp(trace: LayerTrace, tangent: Tensor): Tensor;
  /** `J^T u`. */
  vjp(trace: LayerTrace, cotangent: Tensor): Tensor;
  /** The second-order product: see {@link LayerGradient}. */
  pullback(trace: LayerTrace, cotangent: Tensor, pairs: readonly TangentCotangent[]): LayerGradient;
  refresh?(options?: RefreshOptions): void;
}
