import { isPaired, pluginBlock, rotation, type PresetOptions } from './presets.ts';
import type { BlockSpec, FlowSpec, NetSpec, PluginSpec } from './spec.ts';

/** Options of {@link imagePreset}. */
export interface ImagePresetOptions extends Omit<PresetOptions, 'dim' | 'context' | 'scaling' | 'actNorm' | 'net'> {
  /** `[height, width, channels]` of an image. The entries are gray levels with uniform noise, in `[0, 256)`. */
  readonly shape: readonly [number, number, number];
  /**
   * Number of scales. Each scale begins with a squeeze, which halves the sides and quadruples the channels. Default 2.
   */
  readonly scales?: number;
  /** Convolutional blocks per scale. A residual or monotone model gets twice as many blocks. Default 4. */
  readonly blocks?: number;
  /** Hidden channels of the convolutional nets. Default `[32, 32]`. */
  readonly hidden?: readonly number[];
  /**
   * Side of each filter in pixels, an odd number: one for each layer. Default: 3 for the first and the last layer,
   * otherwise 1.
   */
  readonly kernels?: readonly number[];
  /**
   * `alpha` of the logit, which keeps gray levels away from 0 and 1. Default 0.05. For one channel the default is 1e-6,
   * as published for MNIST, since the pixels of gray images are mostly black or white.
   */
  readonly alpha?: number;
  /** Whether half of the channels go to the base density after each scale except the last. Default false. */
  readonly factorOut?: boolean;
  /**
   * Dense blocks at the end of the flow, whose nets have the whole image as input. Default
   * `{ blocks: 2, hidden: [64, 64] }`.
   */
  readonly dense?: { readonly blocks?: number; readonly hidden?: readonly number[] };
}

/**
 * Returns the spec of a flow on images: a logit and an act-norm; then scales; then dense blocks. Each scale is a
 * squeeze followed by convolutional blocks, with an act-norm after each block.
 *
 * @remarks As in the published model, all nets except the first begin with an activation. Unlike in the published
 * model, the first scale also begins with a squeeze, which makes the wide layers four times cheaper. A residual or
 * monotone model gets two blocks in place of each implicit block. The default cap on the norm of a layer is 0.9.
 * @see Lu, Chen, Li, Wang, Zhu, Implicit Normalizing Flows, 2021 (arXiv:2103.09527), section 5.2; Chen et al., Residual
 * Flows, 2019 (arXiv:1906.02735), appendix E.
 */
export const imagePreset = ({
  shape,
  model = 'implicit',
  scales = 2,
  blocks = 4,
  hidden = [32, 32],
  kernels,
  activation = { name: 'lipSwish' },
  coeff = 0.9,
  alpha = shape[2] === 1 ? 1e-6 : 0.05,
  base = { name: 'normal' },
  factorOut = false,
  dense: { blocks: denseBlocks = 2, hidden: denseHidden = [64, 64] } = {},
  ...chosen
}: ImagePresetOptions): FlowSpec => {
  const [height, width, channels] = shape;
  const common = { model, activation, coeff };
  /**
   * Returns the blocks of this scale and of all later scales. The first net of the flow does not begin with an
   * activation, because the activation would distort the data.
   */
  const atScale = (scale: number, channelsHere: number): readonly BlockSpec[] => {
    const inside = 4 * channelsHere;
    const repeated = Array.from({ length: blocks }, (_, i) => [
      ...couple({
        ...common,
        hidden,
        ...(kernels === undefined ? {} : { kernels }),
        features: inside,
        first: scale === 0 && i === 0,
      }),
      { kind: 'actNorm' } as const,
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
    return [
      { kind: 'flatten' },
      ...Array.from({ length: denseBlocks }, () => [
        ...couple({ ...common, hidden: denseHidden, features, first: false }),
        { kind: 'actNorm' } as const,
      ]).flat(),
    ];
  };
  return {
    version: 1,
    dim: height * width * channels,
    shape,
    base,
    blocks: [{ kind: 'rescale', scale: 256 }, { kind: 'logit', alpha }, { kind: 'actNorm' }, ...atScale(0, channels)],
    tolerance: TOLERANCE,
    ...chosen,
  };
};

/**
 * Tolerances of the presets for images. These tolerances are tighter than the default and cost about half a solver step
 * more. Errors of the solves add up over the blocks. Through the logit, an error changes a medium gray pixel four times
 * as much as a dark gray pixel. With these tolerances, the error of every pixel is at most 1e-4 of its range.
 */
const TOLERANCE = { atol: 1e-6, rtol: 3e-7 } as const;

interface CoupleOptions {
  readonly model: NonNullable<PresetOptions['model']>;
  readonly hidden: readonly number[];
  readonly kernels?: readonly number[];
  readonly activation: PluginSpec;
  readonly coeff: number;
  /** Number of channels of an image, or of entries of a row. */
  readonly features: number;
  readonly first: boolean;
}

/**
 * Returns the blocks that each scale repeats: one implicit block, two residual or monotone blocks (which together
 * have as many nets), a coupling with a permutation, or one block of a plugin.
 */
const couple = ({
  model,
  hidden,
  kernels,
  activation,
  coeff,
  features,
  first,
}: CoupleOptions): readonly BlockSpec[] => {
  const net = (bare: boolean): NetSpec => ({
    hidden,
    ...(kernels === undefined ? {} : { kernels }),
    activation,
    coeff,
    ...(bare ? {} : { preactivation: true }),
  });
  if (model === 'implicit') return [{ kind: 'implicit', gx: net(first), gz: net(first) }];
  if (isPaired(model))
    return [
      { kind: model, g: net(first) },
      { kind: model, g: net(false) },
    ];
  if (model !== 'coupling') return [pluginBlock(model, net(first))];
  return [
    { kind: 'coupling', hidden, ...(kernels === undefined ? {} : { kernels }) },
    { kind: 'permutation', order: rotation(features) },
  ];
};
