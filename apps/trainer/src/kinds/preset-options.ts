import type { PresetOptions } from '@impflow/flows';
import { pluginSpec } from '../plugins/plugin-spec.ts';
import type { Settings } from '../settings/settings.ts';

/** Options of `train` that every density has. */
export const DENSITY_OPTIONS = ['blocks', 'hidden', 'adjoint', 'logdet', 'base', 'memory'] as const;
/** Options of `train` that change the images of a batch. */
export const AUGMENTATION_OPTIONS = ['flip', 'crop'] as const;

/** Options that every preset of a density takes from the settings. */
export const densityChoices = ({
  model,
  blocks,
  hidden,
  activation,
  coeff,
  solver,
  adjoint,
  logdet,
  base,
}: Settings): Omit<PresetOptions, 'dim' | 'net'> => ({
  model: blockOf(model),
  ...(blocks === undefined ? {} : { blocks }),
  ...(hidden === undefined ? {} : { hidden }),
  ...(activation === undefined ? {} : { activation: pluginSpec('--activation', activation) }),
  ...(coeff === undefined ? {} : { coeff }),
  ...(solver === undefined ? {} : { solver: pluginSpec('--solver', solver) }),
  ...(adjoint === undefined ? {} : { adjoint: pluginSpec('--adjoint', adjoint) }),
  ...(logdet === undefined ? {} : { logDet: pluginSpec('--logdet', logdet) }),
  ...(base === undefined ? {} : { base: pluginSpec('--base', base) }),
});

/** A built-in model is a name. A plugin's block may have options. */
const blockOf = (model: string): NonNullable<PresetOptions['model']> => {
  const spec = pluginSpec('--model', model);
  return spec.options === undefined ? spec.name : spec;
};

/** Augmentation of the images of a batch. */
export const augmentation = ({ flip, crop }: Settings): { readonly flip?: boolean; readonly crop?: number } => ({
  ...(flip === undefined ? {} : { flip }),
  ...(crop === undefined ? {} : { crop }),
});
