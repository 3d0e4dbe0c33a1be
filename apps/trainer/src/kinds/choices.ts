import type { PluginSpec, PresetOptions } from '@impflow/flows';
import type { Settings } from '../run/settings.ts';

const plugin = (name: string): PluginSpec => ({ name });

/** What every preset takes of the settings of a density. */
export const densityChoices = ({ model, blocks, hidden, activation, coeff, solver, adjoint, logdet, base }: Settings): Omit<PresetOptions, 'dim' | 'net'> => ({
  model,
  ...(blocks === undefined ? {} : { blocks }),
  ...(hidden === undefined ? {} : { hidden }),
  ...(activation === undefined ? {} : { activation: plugin(activation) }),
  ...(coeff === undefined ? {} : { coeff }),
  ...(solver === undefined ? {} : { solver: plugin(solver) }),
  ...(adjoint === undefined ? {} : { adjoint: plugin(adjoint) }),
  ...(logdet === undefined ? {} : { logDet: plugin(logdet) }),
  ...(base === undefined ? {} : { base: plugin(base) }),
});

/** What becomes of the images of a batch. */
export const augmentation = ({ flip, crop }: Settings): { readonly flip?: boolean; readonly crop?: number } => ({
  ...(flip === undefined ? {} : { flip }), ...(crop === undefined ? {} : { crop }),
});
