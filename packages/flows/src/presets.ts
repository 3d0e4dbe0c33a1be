import type { BlockSpec, BlockSpecs, ColumnMap, FlowSpec, NetSpec, PluginSpec } from './spec.ts';
import type { Tail } from './tail.ts';

/** Options of the presets for flows on rows. A preset derives the {@link FlowSpec} from these options. */
export interface PresetOptions {
  /** Number of features `d`. */
  readonly dim: number;
  /**
   * Kind of the blocks: `implicit` (default), `residual`, `monotone`, `coupling`, or a kind from a plugin, given by its
   * name or as `{ name, options }`. The spec of a kind from a plugin must be `{ kind, g }` with one net.
   */
  readonly model?: 'implicit' | 'residual' | 'monotone' | 'coupling' | (string & {}) | PluginSpec;
  /** Number of blocks. A residual or monotone model gets twice as many blocks. Default 6. */
  readonly blocks?: number;
  /**
   * Kind of the contractive nets: see {@link NetSpec}. Default `spectral`. {@link tabularPreset} chooses `sandwich`
   * unless an activation is given or the model is `coupling`.
   */
  readonly net?: NonNullable<NetSpec['kind']>;
  /** Widths of the hidden layers of each net. Default `[128, 128]`; {@link tabularPreset} has a different default. */
  readonly hidden?: readonly number[];
  /** Activation of the nets. Default `sin`; `snake` for sandwich nets. */
  readonly activation?: PluginSpec;
  /**
   * Cap on each layer, or bound of the whole sandwich net, in `(0, 1)`. Default 0.99; {@link tabularPreset} has a
   * different default.
   */
  readonly coeff?: number;
  /** Solver of the blocks. Default: chosen by dimension, see `RootOptions`. */
  readonly solver?: PluginSpec;
  /** Adjoint solver. Default: chosen by dimension, see `RootOptions`. */
  readonly adjoint?: PluginSpec;
  /** Estimator in training. Default: chosen by dimension, see `BlockOptions`. */
  readonly logDet?: PluginSpec;
  /** Estimator outside training. Default: chosen by dimension, see `BlockOptions`. */
  readonly evaluationLogDet?: PluginSpec;
  /** Base density. Default `{ name: 'normal' }`. */
  readonly base?: PluginSpec;
  /** A broad density that is mixed into the base: see {@link FlowSpec}. Default: none. */
  readonly tail?: Tail;
  /** Size `m` of the context `[B, m]` of a conditional density. Default 0: no context. */
  readonly context?: number;
  /**
   * One map for each column. The maps become the first block; `scaling`, `quantiles`, `whitening` and `regression` then
   * refer to mapped columns. Default: none.
   */
  readonly maps?: readonly ColumnMap[];
  /**
   * Mean and scale of the training rows, for a block before the repeated blocks. Densities are then in the units of the
   * data. Default: no scaling block.
   */
  readonly scaling?: { readonly mean: readonly number[]; readonly scale: readonly number[] };
  /**
   * Cholesky factor of the covariance of the standardized rows, for a whitening block. Default: no whitening block.
   */
  readonly whitening?: { readonly factor: readonly (readonly number[])[] };
  /**
   * A map of each column that makes the distribution of the column nearly normal. If `quantiles` is given, `scaling` is
   * ignored. Default: none.
   */
  readonly quantiles?: { readonly knots: readonly (readonly number[])[]; readonly levels: readonly number[] };
  /**
   * A regression of the scaled columns on the context, for a block after the scaling: see {@link fitRegression}.
   * Default: no regression block.
   */
  readonly regression?: Omit<BlockSpecs['regression'], 'kind'>;
  /**
   * Hidden widths of a net that computes a shift and a scale of each column from the context. The shift and scale
   * become a block before the repeated blocks. Needs a `context`. Default: no block with a shift and a scale from the
   * context.
   */
  readonly conditionalAffine?: readonly number[];
  /** Whether an act-norm follows every block. Default false; {@link tabularPreset} has a different default. */
  readonly actNorm?: boolean;
}

/**
 * Returns a spec with a block repeated `blocks` times. A residual or monotone model gets two blocks in place of each
 * implicit block, so that all three models have the same number of nets.
 */
export const flowSpec = ({
  dim,
  model = 'implicit',
  blocks = 6,
  net: kind = 'spectral',
  hidden = [128, 128],
  activation = { name: kind === 'sandwich' ? 'snake' : 'sin' },
  coeff = 0.99,
  base = { name: 'normal' },
  maps,
  scaling,
  whitening,
  quantiles,
  regression,
  conditionalAffine,
  actNorm = false,
  context = 0,
  ...chosen
}: PresetOptions): FlowSpec => {
  const net: NetSpec = { ...(kind === 'spectral' ? {} : { kind }), hidden, activation, coeff };
  const one: readonly BlockSpec[] =
    model === 'implicit'
      ? [{ kind: 'implicit', gx: net, gz: net }]
      : isPaired(model)
        ? [
            { kind: model, g: net },
            { kind: model, g: net },
          ]
        : model === 'coupling'
          ? [
              { kind: 'coupling', hidden },
              { kind: 'permutation', order: rotation(dim) },
            ]
          : [pluginBlock(model, net)];
  const repeated = Array.from({ length: blocks }, () => [
    ...one,
    ...(actNorm ? [{ kind: 'actNorm' } as const] : []),
  ]).flat();
  return {
    version: 1,
    dim,
    base,
    ...(context > 0 ? { context } : {}),
    blocks: [...firstBlocks({ maps, scaling, whitening, quantiles, regression, conditionalAffine }), ...repeated],
    ...chosen,
  };
};

/** Whether a model has two blocks with one net each in place of an implicit block, which has two nets. */
export const isPaired = (model: NonNullable<PresetOptions['model']>): model is 'residual' | 'monotone' =>
  model === 'residual' || model === 'monotone';

/** Names of the options that determine the blocks before the repeated blocks. */
type First = 'maps' | 'scaling' | 'whitening' | 'quantiles' | 'regression' | 'conditionalAffine';

/** Returns the blocks of {@link flowSpec} before the repeated blocks. */
export const firstBlocks = ({
  maps,
  scaling,
  whitening,
  quantiles,
  regression,
  conditionalAffine: hidden,
}: { readonly [K in First]?: PresetOptions[K] | undefined }): readonly BlockSpec[] => [
  ...(maps === undefined ? [] : [{ kind: 'columnMaps', maps } as const]),
  ...(quantiles === undefined
    ? []
    : [{ kind: 'quantileMap', knots: quantiles.knots, levels: quantiles.levels } as const]),
  ...(scaling === undefined || quantiles !== undefined
    ? []
    : [{ kind: 'standardize', mean: scaling.mean, scale: scaling.scale } as const]),
  ...(whitening === undefined ? [] : [{ kind: 'whiten', factor: whitening.factor } as const]),
  ...(regression === undefined
    ? []
    : [{ kind: 'regression', weight: regression.weight, bias: regression.bias, factor: regression.factor } as const]),
  ...(hidden === undefined ? [] : [{ kind: 'conditionalAffine', hidden } as const]),
];

/**
 * Returns the spec of a plugin's block with one net, and with the options of the plugin. TypeScript cannot check the
 * kind of the block; `buildFlow` checks the kind when the program runs.
 */
export const pluginBlock = (model: string | PluginSpec, g: NetSpec): BlockSpec => {
  const { name, options } = typeof model === 'string' ? { name: model } : model;
  return { ...options, kind: name, g } as BlockSpec;
};

/**
 * Returns an order of the features for {@link permutation}: first the features that the coupling transformed, then the
 * features that the coupling left unchanged. Two couplings with this permutation between them transform every feature.
 * If the order were a reversal, the middle one of an odd number of features would never be transformed.
 */
export const rotation = (dim: number): readonly number[] =>
  Array.from({ length: dim }, (_, i) => (i + Math.ceil(dim / 2)) % dim);

/**
 * Returns the spec of the paper's model for two-dimensional densities: 6 implicit blocks with two hidden layers of
 * width 128, sine activations, and caps of 0.99 on the norms of the layers. Log-determinants are exact, because the
 * exact estimator is the default for two dimensions.
 */
export const toyPreset = (options: Partial<PresetOptions> = {}): FlowSpec => flowSpec({ dim: 2, ...options });

/**
 * Returns a spec for rows of a table. By default the flow has sandwich nets with two hidden layers of width 37 and a
 * bound of 0.99. With a given `activation` or with `net: 'spectral'`, the flow has spectral nets with caps of 0.97, two
 * hidden layers of width 64, and an act-norm after every block. Couplings also get two hidden layers of width 64 and
 * act-norms. Nets with a given activation are spectral, because sandwich nets do not accept activations with slopes
 * outside `[0, 1]`.
 */
export const tabularPreset = (options: PresetOptions): FlowSpec => {
  const {
    model = 'implicit',
    activation,
    net = activation === undefined && model !== 'coupling' ? 'sandwich' : 'spectral',
  } = options;
  return flowSpec(
    net === 'sandwich'
      ? { net, hidden: [37, 37], coeff: 0.99, ...options }
      : { net, hidden: [64, 64], coeff: 0.97, actNorm: true, ...options },
  );
};
