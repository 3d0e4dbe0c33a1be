import type { BlockSpec, FlowSpec, NetSpec, PluginSpec } from './spec.ts';
import { pluginBlock, rotation, type PresetOptions } from './presets.ts';

export interface ImagePresetOptions extends Omit<PresetOptions, 'dim' | 'context' | 'scaling' | 'actNorm' | 'net'> {
  /** `[height, width, channels]`, grey levels with uniform noise in `[0, 256)`. */
  readonly shape: readonly [number, number, number];
  /** Each begins with a squeeze: half the side, four times the channels. Default 2. */
  readonly scales?: number;
  /** Of each scale. Default 4. */
  readonly blocks?: number;
  /** Channels of the nets. Default `[32, 32]`. */
  readonly hidden?: readonly number[];
  readonly kernels?: readonly number[];
  /** Of the logit before all else: what keeps grey levels away from the ends. Default 0.05, and 1e-6 for one channel: grey images are mostly black or white, as published for MNIST. */
  readonly alpha?: number;
  /** Half of the channels leave after each scale but the last. Default false: all are kept. */
  readonly factorOut?: boolean;
  /** Blocks of dense nets at the end, which see the whole image. Default 2 of `[64, 64]`. */
  readonly dense?: { readonly blocks?: number; readonly hidden?: readonly number[] };
}

/**
 * Images: logit and an act-norm, then scales of a squeeze, convolutional blocks and an act-norm after each; dense ones at the end. As published, all nets but the first begin with an activation; unlike
 * there the first scale is squeezed too, which makes the wide layers four times cheaper. A residual model gets two blocks for each implicit one.
 *
 * @see Lu, Chen, Li, Wang, Zhu, Implicit Normalizing Flows, 2021 (arXiv:2103.09527), section 5.2; Chen et al., Residual Flows, 2019 (arXiv:1906.02735), appendix E.
 */
export const image = ({
  shape, model = 'implicit', scales = 2, blocks = 4, hidden = [32, 32], kernels, activation = { name: 'lipSwish' }, coeff = 0.9, alpha = shape[2] === 1 ? 1e-6 : 0.05, base = { name: 'normal' },
  factorOut = false, dense: { blocks: denseBlocks = 2, hidden: denseHidden = [64, 64] } = {}, ...chosen
}: ImagePresetOptions): FlowSpec => {
  const [height, width, channels] = shape;
  const common = { model, activation, coeff };
  /** The first net of all is on data that no activation should bend. */
  const atScale = (scale: number, channelsHere: number): readonly BlockSpec[] => {
    const inside = 4 * channelsHere;
    const repeated = Array.from({ length: blocks }, (_, i) => [
      ...couple({ ...common, hidden, ...(kernels === undefined ? {} : { kernels }), features: inside, first: scale === 0 && i === 0 }), { kind: 'actNorm' } as const,
    ]).flat();
    const here: readonly BlockSpec[] = [{ kind: 'squeeze' }, ...repeated];
    if (scale === scales - 1) return [...here, ...atTheEnd()];
    const handed = factorOut ? Math.floor(inside / 2) : inside;
    const later = atScale(scale + 1, handed);
    return factorOut ? [...here, { kind: 'factorOut', blocks: later }] : [...here, ...later];
  };
  const atTheEnd = (): readonly BlockSpec[] => {
    if (denseBlocks === 0) return [];
    const features = (height * width * channels) / (factorOut ? 2 ** (scales - 1) : 1);
    return [{ kind: 'flatten' }, ...Array.from({ length: denseBlocks }, () => [...couple({ ...common, hidden: denseHidden, features, first: false }), { kind: 'actNorm' } as const]).flat()];
  };
  return { version: 1, dim: height * width * channels, shape, base, blocks: [{ kind: 'rescale', scale: 256 }, { kind: 'logit', alpha }, { kind: 'actNorm' }, ...atScale(0, channels)], tolerance: TOLERANCE, ...chosen };
};

/** Errors of solves add up over blocks, and mid-greys see them four times as large as dark ones: with this no pixel is off by 1e-4 of its range. Half a step more than by default. */
const TOLERANCE = { atol: 1e-6, rtol: 3e-7 } as const;

interface CoupleOptions {
  readonly model: NonNullable<PresetOptions['model']>;
  readonly hidden: readonly number[];
  readonly kernels?: readonly number[];
  readonly activation: PluginSpec;
  readonly coeff: number;
  /** Channels, or numbers of a row. */
  readonly features: number;
  readonly first: boolean;
}

/** One block of a model, or as many as have its number of nets. */
const couple = ({ model, hidden, kernels, activation, coeff, features, first }: CoupleOptions): readonly BlockSpec[] => {
  const net = (bare: boolean): NetSpec => ({ hidden, ...(kernels === undefined ? {} : { kernels }), activation, coeff, ...(bare ? {} : { preactivation: true }) });
  if (model === 'implicit') return [{ kind: 'implicit', gx: net(first), gz: net(first) }];
  if (model === 'residual') return [{ kind: 'residual', g: net(first) }, { kind: 'residual', g: net(false) }];
  if (model !== 'coupling') return [pluginBlock(model, net(first))];
  return [{ kind: 'coupling', hidden, ...(kernels === undefined ? {} : { kernels }) }, { kind: 'permutation', order: rotation(features) }];
};
