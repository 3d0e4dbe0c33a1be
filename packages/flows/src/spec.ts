import type { MethodSpec } from '@impflow/core';
import type { Tail } from './tail.ts';

/** A method, built-in or from a plugin, given by its name in a registry and by the options of its factory. */
export type PluginSpec = MethodSpec;

/** A contractive net: dense layers on rows, convolutions on images. */
export interface NetSpec {
  /**
   * `spectral` (default): caps the norm of each layer. `sandwich`, rows only: bounds the whole net, see `sandwich` of
   * `@impflow/lipschitz`.
   */
  readonly kind?: 'spectral' | 'sandwich';
  /** Widths of the hidden layers; for images, their numbers of channels. */
  readonly hidden: readonly number[];
  /** Activation between consecutive layers. */
  readonly activation: PluginSpec;
  /**
   * Only for images: for each layer, the side of its filters in pixels, an odd number. Default: 3 for the first and
   * the last layer, otherwise 1.
   */
  readonly kernels?: readonly number[];
  /** Cap on the norm of each layer, or bound of the whole sandwich net, in `(0, 1)`. */
  readonly coeff: number;
  /** Whether an activation comes before the first layer of the net. Default false. */
  readonly preactivation?: boolean;
}

/**
 * The map of one column: see {@link columnMaps}. `log` is for values above `lower`, `logit` for values between two
 * bounds, `asinh` for long tails on both sides.
 */
export type ColumnMap =
  | { readonly map: 'identity' }
  | { readonly map: 'log'; readonly lower: number }
  | { readonly map: 'logit'; readonly lower: number; readonly upper: number }
  | { readonly map: 'asinh'; readonly center: number; readonly scale: number };

/**
 * Specs of blocks by kind. A plugin adds its kinds by declaration merging. TypeScript then checks the specs of the
 * added kinds.
 *
 * ```text
 * declare module '@impflow/flows' {
 *   interface BlockSpecs {
 *     readonly mine: { readonly kind: 'mine'; readonly g: NetSpec };
 *   }
 * }
 * ```
 */
export interface BlockSpecs {
  /** An implicit block, whose value `z` solves `z + g_z(z) = x + g_x(x)`. */
  readonly implicit: { readonly kind: 'implicit'; readonly gx: NetSpec; readonly gz: NetSpec };
  /** A residual block, `z = x + g(x)`. */
  readonly residual: { readonly kind: 'residual'; readonly g: NetSpec };
  /** A monotone block, which maps `x = (w + g(w)) / 2` to `(w - g(w)) / 2`. */
  readonly monotone: { readonly kind: 'monotone'; readonly g: NetSpec };
  /** An affine coupling, given by the widths of the hidden layers and, for images, the sides of the filters. */
  readonly coupling: {
    readonly kind: 'coupling';
    readonly hidden: readonly number[];
    readonly kernels?: readonly number[];
  };
  /** A learned scale and shift per feature, initialized from the first batch. */
  readonly actNorm: { readonly kind: 'actNorm' };
  /** A permutation, which puts the features in a fixed order. */
  readonly permutation: { readonly kind: 'permutation'; readonly order: readonly number[] };
  /** A learned invertible matrix. */
  readonly linear: { readonly kind: 'linear' };
  /** One map for each column, which removes bounds and long tails. */
  readonly columnMaps: { readonly kind: 'columnMaps'; readonly maps: readonly ColumnMap[] };
  /** A standardization, `z = (x - mean) / scale`. */
  readonly standardize: {
    readonly kind: 'standardize';
    readonly mean: readonly number[];
    readonly scale: readonly number[];
  };
  /** Multiplication by the inverse of a lower triangular matrix; `factor` has the rows of the matrix. */
  readonly whiten: { readonly kind: 'whiten'; readonly factor: readonly (readonly number[])[] };
  /**
   * A monotone map per feature. The map sends the knots of the feature to the levels; all features share the levels.
   */
  readonly quantileMap: {
    readonly kind: 'quantileMap';
    readonly knots: readonly (readonly number[])[];
    readonly levels: readonly number[];
  };
  /** The whitened residual of a linear regression on the context: `factor^-1 (x - weight c - bias)`. */
  readonly regression: {
    readonly kind: 'regression';
    readonly weight: readonly (readonly number[])[];
    readonly bias: readonly number[];
    readonly factor: readonly (readonly number[])[];
  };
  /**
   * A shift and a scale of each feature, which a net computes from the context. `hidden` are the widths of the net's
   * hidden layers.
   */
  readonly conditionalAffine: { readonly kind: 'conditionalAffine'; readonly hidden: readonly number[] };
  /** A logit, which maps `(0, 1)` to all real numbers. */
  readonly logit: { readonly kind: 'logit'; readonly alpha?: number };
  /** A division by a constant. */
  readonly rescale: { readonly kind: 'rescale'; readonly scale: number };
  /** A squeeze, which moves pixels to channels. */
  readonly squeeze: { readonly kind: 'squeeze'; readonly factor?: number };
  /** A reshape of an image to a row. */
  readonly flatten: { readonly kind: 'flatten' };
  /** Half of the channels go to the base density unchanged; `blocks` apply to the other half. */
  readonly factorOut: { readonly kind: 'factorOut'; readonly blocks: readonly BlockSpec[] };
}

/** The spec of one bijector in the chain. `kind` selects the variant. */
export type BlockSpec = BlockSpecs[keyof BlockSpecs];

/**
 * A flow as JSON. From the spec and the parameters, any program can rebuild the flow. The program needs registries that
 * contain the names in the spec.
 */
export interface FlowSpec {
  /** Version of the format. */
  readonly version: 1;
  /** Number of entries of one event. */
  readonly dim: number;
  /** Shape of one event, with `dim` entries: `[height, width, channels]` for images. Default `[dim]`. */
  readonly shape?: readonly number[];
  /** Size `m` of the context `[B, m]` of a conditional density. Default 0: no context. */
  readonly context?: number;
  /** Base density. */
  readonly base: PluginSpec;
  /** A broad density that is mixed into the base. Default: none. */
  readonly tail?: Tail;
  /**
   * Blocks in the order from data to base. The output shape of each block must be the input shape of the next block.
   */
  readonly blocks: readonly BlockSpec[];
  /** Solver of the blocks. Default: chosen by dimension, see `RootOptions`. */
  readonly solver?: PluginSpec;
  /** Solver of the gradient's linear system. Default: chosen by dimension, see `RootOptions`. */
  readonly adjoint?: PluginSpec;
  /** Tolerances and step limit of the forward and inverse solves. Default: the defaults of `solve`. */
  readonly tolerance?: { readonly atol?: number; readonly rtol?: number; readonly maxSteps?: number };
  /** Estimator in training. Default: chosen by dimension, see `BlockOptions`. */
  readonly logDet?: PluginSpec;
  /** Estimator outside training. Default: chosen by dimension, see `BlockOptions`. */
  readonly evaluationLogDet?: PluginSpec;
}
