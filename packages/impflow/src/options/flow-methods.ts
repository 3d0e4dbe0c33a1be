import type { PresetOptions } from '@impflow/flows';
import { methodSpec } from './method.ts';
import { FITTED, type Settings } from './settings.ts';

/** Settings that concern the blocks of a flow, their nets, solvers and estimators, and the base density. */
export type FlowSettings = Pick<
  Settings,
  'model' | 'blocks' | 'hidden' | 'activation' | 'coeff' | 'solver' | 'adjoint' | 'logdet' | 'base'
>;

/**
 * Converts the settings of a training to options of a flow preset. The base `fitted` is left out, because it is fitted
 * later.
 */
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

/** Returns the name of a model, or its name with options if a plugin's block has options. */
const blockOf = (model: string): NonNullable<PresetOptions['model']> => {
  const spec = methodSpec('model', model);
  return spec.options === undefined ? spec.name : spec;
};
