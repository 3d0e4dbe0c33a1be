import type { FlowSpec } from '@impflow/flows';
import { asImages } from '../../dataset/run-data.ts';
import { isImagesSpec } from '../../model/model.ts';
import type { Kind } from '../kind.ts';
import { AUGMENTATION_OPTIONS, DENSITY_OPTIONS } from '../preset-options.ts';
import { imagesCommands } from './commands.ts';
import { imagesPlan, imagesSize } from './plan.ts';

/** A density of images. */
export const images: Kind = {
  title: 'densities of images',
  items: 'images',
  task: 'density',
  source: 'images',
  holds: 'images',
  presets: ['image'],
  models: ['implicit', 'residual', 'coupling'],
  takesBlocks: true,
  options: [
    ...DENSITY_OPTIONS,
    'scales',
    'kernels',
    'factorOut',
    'denseBlocks',
    'denseHidden',
    ...AUGMENTATION_OPTIONS,
    'testImages',
  ],
  fitsMixture: false,
  batch: 64,
  isTimed: () => false,
  defaults: () => ({}),
  describes: isImagesSpec,
  sizeOf: (data) => imagesSize(asImages(data)),
  plan: (data, settings, spec?: FlowSpec) => imagesPlan(asImages(data), settings, spec),
  commands: imagesCommands,
};
