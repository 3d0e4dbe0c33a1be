import type { BlockSpec, FlowSpec, NetSpec, PluginSpec } from './spec.ts';

/** The choices that people make; everything else of a {@link FlowSpec} follows. */
export interface PresetOptions {
  readonly dim: number;
  /** `implicit`, the default, `residual` or `coupling`; or a plugin's kind of block that is made of one net, `{ kind, g }`, and of options if it has some. */
  readonly model?: 'implicit' | 'residual' | 'coupling' | (string & {}) | PluginSpec;
  readonly blocks?: number;
  /** Kind of the contractive nets: see {@link NetSpec}. Default `spectral`. */
  readonly net?: NonNullable<NetSpec['kind']>;
  readonly hidden?: readonly number[];
  readonly activation?: PluginSpec;
  readonly coeff?: number;
  readonly solver?: PluginSpec;
  readonly adjoint?: PluginSpec;
  readonly logDet?: PluginSpec;
  readonly evaluationLogDet?: PluginSpec;
  readonly base?: PluginSpec;
  readonly context?: number;
  /** Constants of the training rows: puts the units of the data into the model. */
  readonly scaling?: { readonly mean: readonly number[]; readonly scale: readonly number[] };
  /** The Cholesky factor of the covariance of standardised rows: they are whitened too. */
  readonly whitening?: { readonly factor: readonly (readonly number[])[] };
  /** A map of each column to a nearly normal one, in the place of `scaling`. */
  readonly quantiles?: { readonly knots: readonly (readonly number[])[]; readonly levels: readonly number[] };
  /** An act-norm after every block. */
  readonly actNorm?: boolean;
}

/** A spec with a block repeated `blocks` times. A residual model gets two blocks for each implicit one: as many nets. */
export const flowSpec = ({
  dim, model = 'implicit', blocks = 6, net: kind = 'spectral', hidden = [128, 128], activation = { name: kind === 'sandwich' ? 'snake' : 'sin' }, coeff = 0.99,
  base = { name: 'normal' }, scaling, whitening, quantiles, actNorm = false, context = 0, ...chosen
}: PresetOptions): FlowSpec => {
  const net: NetSpec = { ...(kind === 'spectral' ? {} : { kind }), hidden, activation, coeff };
  const one: readonly BlockSpec[] =
    model === 'implicit' ? [{ kind: 'implicit', gx: net, gz: net }]
    : model === 'residual' ? [{ kind: 'residual', g: net }, { kind: 'residual', g: net }]
    : model === 'coupling' ? [{ kind: 'coupling', hidden }, { kind: 'permutation', order: rotation(dim) }]
    : [pluginBlock(model, net)];
  const repeated = Array.from({ length: blocks }, () => [...one, ...(actNorm ? [{ kind: 'actNorm' } as const] : [])]).flat();
  return {
    version: 1, dim, base,
    ...(context > 0 ? { context } : {}),
    blocks: [
      ...(quantiles === undefined ? [] : [{ kind: 'quantileMap', knots: quantiles.knots, levels: quantiles.levels } as const]),
      ...(scaling === undefined || quantiles !== undefined ? [] : [{ kind: 'standardise', mean: scaling.mean, scale: scaling.scale } as const]),
      ...(whitening === undefined ? [] : [{ kind: 'whiten', factor: whitening.factor } as const]),
      ...repeated,
    ],
    ...chosen,
  };
};

/** A block of one net that a plugin brings: its kind is known when the flow is built. */
export const pluginBlock = (model: string | PluginSpec, g: NetSpec): BlockSpec => {
  const { name, options } = typeof model === 'string' ? { name: model } : model;
  return { ...options, kind: name, g } as unknown as BlockSpec;
};

/** The moved features first, then those that passed: every feature gets its turn, which reversing would deny the middle one of an odd number. */
export const rotation = (dim: number): readonly number[] => Array.from({ length: dim }, (_, i) => (i + Math.ceil(dim / 2)) % dim);

/** The paper's model of two-dimensional densities: 6 implicit blocks, 128-128, sine, coefficient 0.99, exact log-determinants. */
export const toy = (options: Partial<PresetOptions> = {}): FlowSpec => flowSpec({ dim: 2, ...options });

/**
 * Rows of a table: sandwich nets of 37-37 under a bound of 0.99. With an activation of the caller's choice, whose slopes may lie outside of `[0, 1]`, spectral caps of 0.97 and
 * widths of 64-64. These, and couplings, get an act-norm after every block.
 */
export const tabular = (options: PresetOptions): FlowSpec => {
  const { model = 'implicit', activation, net = activation === undefined && model !== 'coupling' ? 'sandwich' : 'spectral' } = options;
  return flowSpec(net === 'sandwich' ? { net, hidden: [37, 37], coeff: 0.99, ...options } : { net, hidden: [64, 64], coeff: 0.97, actNorm: true, ...options });
};
