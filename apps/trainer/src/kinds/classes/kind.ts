import type { ClassifierSpec } from '@impflow/flows';
import { asImages } from '../../dataset/run-data.ts';
import { isClassifierSpec } from '../../model/model.ts';
import type { Kind } from '../kind.ts';
import { AUGMENTATION_OPTIONS } from '../preset-options.ts';
import { classesCommands } from './commands.ts';
import { classesPlan, classesSize } from './plan.ts';

/** A classifier of images. */
export const classes: Kind = {
  title: 'classifiers of images',
  items: 'images',
  task: 'classify',
  source: 'images',
  holds: 'images',
  presets: ['classifier'],
  models: ['implicit', 'residual', 'vanilla'],
  takesBlocks: false,
  options: ['widths', ...AUGMENTATION_OPTIONS, 'testImages'],
  fitsMixture: false,
  batch: 64,
  isTimed: () => false,
  defaults: () => ({ task: 'classify' }),
  describes: isClassifierSpec,
  sizeOf: (data) => classesSize(asImages(data)),
  plan: (data, settings, spec?: ClassifierSpec) => classesPlan(asImages(data), settings, spec),
  commands: classesCommands,
};
