import type { PresetOptions } from '@impflow/flows';
import { pluginSpec } from '../run/plugin-spec.ts';
import type { Settings } from '../run/settings.ts';

/** What every preset takes of the settings of a density. */
export const densityChoices = ({ model, blocks, hidden, activation, coeff, solver, adjoint, logdet, base }: Settings): Omit<PresetOptions, 'dim' | 'net'> => ({
  model: modelOf(model),
  ...(blocks === undefined ? {} : { blocks }),
  ...(hidden === undefined ? {} : { hidden }),
  ...(activation === undefined ? {} : { activation: pluginSpec('--activation', activation) }),
  ...(coeff === undefined ? {} : { coeff }),
  ...(solver === undefined ? {} : { solver: pluginSpec('--solver', solver) }),
  ...(adjoint === undefined ? {} : { adjoint: pluginSpec('--adjoint', adjoint) }),
  ...(logdet === undefined ? {} : { logDet: pluginSpec('--logdet', logdet) }),
  ...(base === undefined ? {} : { base: pluginSpec('--base', base) }),
});

/** A built-in model is a name, a plugin's kind of block may have options. */
const modelOf = (model: string): NonNullable<PresetOptions['model']> => {
  const spec = pluginSpec('--model', model);
  return spec.options === undefined ? spec.name : spec;
};

/** What becomes of the images of a batch. */
export const augmentation = ({ flip, crop }: Settings): { readonly flip?: boolean; readonly crop?: number } => ({
  ...(flip === undefined ? {} : { flip }), ...(crop === undefined ? {} : { crop }),
});
