import type { ValuesOf } from '@impflow/core';
import { OPTIONS } from 'impflow';

/**
 * Options of trainings on images. Trainings on tables do not have these options, or have them with different values or
 * defaults.
 */
const OF_IMAGES = {
  task: {
    type: 'choice',
    group: 'images',
    values: ['density', 'classify'],
    meanings: { classify: 'images with labels' },
    default: 'density',
    help: 'what to train',
  },
  preset: {
    type: 'choice',
    group: 'flow',
    values: ['image', 'classifier'],
    help: 'set of default sizes and norm caps',
    otherwise: '`image`, or `classifier` with `task` classify',
  },
  model: {
    type: 'method',
    group: 'flow',
    names: ['implicit', 'residual', 'monotone', 'coupling', 'vanilla'],
    meanings: {
      implicit: 'two nets in an equation, slopes far above 2',
      residual: '`x + g(x)`, slopes below 2, the fastest steps',
      monotone: 'one net in an equation, slopes far above 2, for densities',
      coupling: 'RealNVP, no equations, for densities',
      vanilla: 'a usual residual net, for classifiers',
    },
    default: 'implicit',
    help: 'kind of block',
  },
  blocks: {
    type: 'count',
    group: 'flow',
    least: 1,
    most: 10_000,
    help: 'number of blocks per scale',
    otherwise: '4 per scale',
  },
  hidden: {
    type: 'counts',
    group: 'flow',
    least: 1,
    most: 1_048_576,
    help: 'channels of the nets',
    otherwise: '32,32',
  },
  activation: {
    type: 'method',
    group: 'flow',
    registry: 'activation',
    help: 'activation of the nets',
    otherwise: '`lipSwish`, or `relu` in a classifier',
  },
  coeff: { type: 'real', group: 'flow', above: 0, below: 1, help: 'cap on the norm of each layer', otherwise: '0.9' },
  scales: {
    type: 'count',
    group: 'images',
    least: 1,
    most: 30,
    help: 'number of times that the height and width are halved in a density',
    default: 2,
  },
  kernels: {
    type: 'counts',
    group: 'images',
    least: 1,
    most: 999,
    help: 'side of the filters of each layer of a net: one value more than `hidden`',
    otherwise: '3 first and last, else 1',
  },
  factorOut: {
    type: 'switch',
    group: 'images',
    help: 'send half of the channels to the base density after each scale except the last',
  },
  denseBlocks: {
    type: 'count',
    group: 'images',
    least: 0,
    most: 10_000,
    help: 'blocks of dense nets at the end of a density, whose input is the whole image',
    default: 2,
  },
  denseHidden: {
    type: 'counts',
    group: 'images',
    least: 1,
    most: 1_048_576,
    help: 'widths of the dense nets at the end',
    otherwise: '64,64',
  },
  widths: {
    type: 'counts',
    group: 'images',
    least: 1,
    most: 1_048_576,
    help: 'channels of the stages of a classifier; height and width are halved before a stage with more channels',
    otherwise: '16,16,32,32',
  },
  flip: { type: 'switch', group: 'images', help: 'mirror each image with probability 1/2, drawn again at every step' },
  crop: {
    type: 'count',
    group: 'images',
    least: 1,
    most: 10_000,
    help: 'add a border of this many black pixels and cut out a random part of the original size, drawn again at every step',
  },
  testImages: {
    type: 'count',
    group: 'images',
    least: 2,
    help: 'number of test images to evaluate on; the first ones are used',
    otherwise: 'all',
  },
  steps: { resumable: true, type: 'count', group: 'training', least: 1, default: 1000, help: 'gradient steps' },
  lr: { type: 'real', group: 'training', above: 0, default: 0.001, help: 'learning rate' },
  validateEvery: { type: 'count', group: 'training', least: 1, default: 100, help: 'steps between validations' },
  batch: { type: 'count', group: 'training', least: 1, most: 16_777_216, help: 'images per step', otherwise: '64' },
  base: { type: 'method', group: 'flow', registry: 'base', default: 'normal', help: 'base density' },
} as const;

/** The options that trainings on images and trainings on tables share. */
type Shared = {
  readonly [
    Name in keyof typeof OPTIONS as (typeof OPTIONS)[Name] extends { readonly images: true } ? Name : never
  ]: (typeof OPTIONS)[Name];
};
const SHARED = Object.fromEntries(Object.entries(OPTIONS).filter(([, option]) => 'images' in option)) as Shared;

/**
 * The options of a training on images whose values are plain JSON. The options have these names in code, as flags of
 * the command line (`--factor-out`), in checkpoints and in sweeps.
 */
export const IMAGE_OPTIONS: typeof OF_IMAGES & Shared = { ...SHARED, ...OF_IMAGES };

/** Values of {@link IMAGE_OPTIONS}, by name. Each option may be left out. */
export type ImageChoices = ValuesOf<typeof IMAGE_OPTIONS>;
