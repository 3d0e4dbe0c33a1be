import { tabular, toy, type FlowSpec, type PluginSpec, type PresetOptions } from '@impflow/flows';
import type { RunData } from '../dataset/resolve.ts';
import type { Settings } from './settings.ts';

const plugin = (name: string): PluginSpec => ({ name });

/** The model that settings and data ask for. */
export const specOf = ({ model, blocks, hidden, activation, coeff, solver, logdet, base, preset }: Settings, { columns, draw, scaling }: RunData): FlowSpec => {
  const chosen: PresetOptions = {
    dim: columns.length, model,
    ...(blocks === undefined ? {} : { blocks }),
    ...(hidden === undefined ? {} : { hidden }),
    ...(activation === undefined ? {} : { activation: plugin(activation) }),
    ...(coeff === undefined ? {} : { coeff }),
    ...(solver === undefined ? {} : { solver: plugin(solver) }),
    ...(logdet === undefined ? {} : { logDet: plugin(logdet) }),
    ...(base === undefined ? {} : { base: plugin(base) }),
    ...(scaling === undefined ? {} : { scaling }),
  };
  return (preset ?? (draw === undefined ? 'tabular' : 'toy')) === 'toy' ? toy(chosen) : tabular(chosen);
};
