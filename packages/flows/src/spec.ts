/** A plugin by name, as JSON. */
export interface PluginSpec {
  readonly name: string;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** A contractive net: of dense layers on rows, of convolutions on images. */
export interface NetSpec {
  /** `spectral`, the default: each layer's norm is capped. `sandwich`, on rows alone: see `sandwich` of package lipschitz. */
  readonly kind?: 'spectral' | 'sandwich';
  readonly hidden: readonly number[];
  readonly activation: PluginSpec;
  /** Of a net on images: side of each filter, odd. Left out: 3, then 1 for those between, and 3. */
  readonly kernels?: readonly number[];
  /** Cap on the norm of each layer, or bound of the whole sandwich net, in `(0, 1)`. */
  readonly coeff: number;
  /** Begin with an activation. Default false. */
  readonly preactivation?: boolean;
}

/** One bijector of the chain, discriminated by `kind`; a plugin's kind brings its own fields. */
export type BlockSpec =
  | { readonly kind: 'implicit'; readonly gx: NetSpec; readonly gz: NetSpec }
  | { readonly kind: 'residual'; readonly g: NetSpec }
  | { readonly kind: 'coupling'; readonly hidden: readonly number[]; readonly kernels?: readonly number[] }
  | { readonly kind: 'actNorm' }
  | { readonly kind: 'permutation'; readonly order: readonly number[] }
  | { readonly kind: 'linear' }
  | { readonly kind: 'standardise'; readonly mean: readonly number[]; readonly scale: readonly number[] }
  | { readonly kind: 'whiten'; readonly factor: readonly (readonly number[])[] }
  | { readonly kind: 'quantileMap'; readonly knots: readonly (readonly number[])[]; readonly levels: readonly number[] }
  | { readonly kind: 'logit'; readonly alpha?: number }
  | { readonly kind: 'rescale'; readonly scale: number }
  | { readonly kind: 'squeeze'; readonly factor?: number }
  | { readonly kind: 'flatten' }
  /** Half of the channels go to the base density as they are; these blocks are for the others. */
  | { readonly kind: 'factorOut'; readonly blocks: readonly BlockSpec[] };

/** A flow as JSON: enough to rebuild it anywhere, given its parameters. Names refer to the registries of the reader. Blocks take the shape that the one before gives. */
export interface FlowSpec {
  readonly version: 1;
  readonly dim: number;
  /** Of an event, `dim` numbers: `[height, width, channels]` of images. Default `[dim]`. */
  readonly shape?: readonly number[];
  /** Size of the context `[B, m]` of a conditional density. Default 0: none. */
  readonly context?: number;
  readonly base: PluginSpec;
  /** From data to base. */
  readonly blocks: readonly BlockSpec[];
  /** Left out: chosen by dimension, see `RootOptions`. */
  readonly solver?: PluginSpec;
  /** Of the gradient's linear system. Left out: chosen by dimension, see `RootOptions`. */
  readonly adjoint?: PluginSpec;
  readonly tolerance?: { readonly atol?: number; readonly rtol?: number; readonly maxSteps?: number };
  /** Left out: chosen by dimension, see `BlockOptions`. */
  readonly logDet?: PluginSpec;
  readonly evaluationLogDet?: PluginSpec;
}
