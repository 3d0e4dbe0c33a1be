import type { PresetOptions } from '@impflow/flows';
import { methodSpec } from './method.ts';
import { FITTED, type Settings } from './settings.ts';

/** Settings of the blocks of a flow and of their methods. */
export type FlowSettings = Pick<
  Settings,
  'model' | 'blocks' | 'hidden' | 'activation' | 'coeff' | 'solver' | 'adjoint' | 'logdet' | 'base'
>;

/** Returns the options of a preset that follow from the settings. A fitted base is left out. */
export const flowMethods = ({
  model,
  blocks,
  hidden,
  activation,
  coeff,
  solver,
  adjoint,
  logdet,
  base,
}: FlowSettings): Pick<
  PresetOptions,
  'model' | 'blocks' | 'hidden' | 'activation' | 'coeff' | 'solver' | 'adjoint' | 'logDet' | 'base'
> => ({
  model: blockOf(model),
  ...(blocks === undefined ? {} : { blocks }),
  ...(hidden === undefined ? {} : { hidden }),
  ...(activation === undefined ? {} : { activation: methodSpec('activation', activation) }),
  ...(coeff === undefined ? {} : { coeff }),
  ...(solver === undefined ? {} : { solver: methodSpec('solver', solver) }),
  ...(adjoint === undefined ? {} : { adjoint: methodSpec('adjoint', adjoint) }),
  ...(logdet === undefined ? {} : { logDet: methodSpec('logdet', logdet) }),
  ...(base === undefined || base === FITTED ? {} : { base: methodSpec('base', base) }),
});

/** Returns the name of a built-in model, or the block of a plugin, which may have options. */
const blockOf = (model: string): NonNullable<PresetOptions['model']> => {
  const spec = methodSpec('model', model);
  return spec.options === undefined ? spec.name : spec;
};
