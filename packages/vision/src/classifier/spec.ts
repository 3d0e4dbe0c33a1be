import { implicitResNet, residualResNet, vanillaResNet, type ClassifierSpec } from '@impflow/flows';
import { methodSpec } from 'impflow/run';
import type { ImageParts } from '../data/split-images.ts';
import type { ImageSettings } from '../options/settings.ts';

const PRESETS = { implicit: implicitResNet, residual: residualResNet, vanilla: vanillaResNet } as const;

/** The spec of a classifier of images. `checkImagesTogether` has refused the models of densities. */
export const classifierSpec = (
  { shape }: Pick<ImageParts, 'shape'>,
  classes: number,
  { model, widths = [16, 16, 32, 32], coeff, activation, solver }: Omit<ImageSettings, 'workers'>,
): ClassifierSpec =>
  PRESETS[model as keyof typeof PRESETS]({
    shape,
    classes,
    widths,
    ...(coeff === undefined ? {} : { coeff }),
    ...(activation === undefined ? {} : { activation: methodSpec('activation', activation) }),
    ...(solver === undefined ? {} : { solver: methodSpec('solver', solver) }),
  });
