import type { FlowSpec } from '@impflow/flows';
import { asTable } from '../../dataset/run-data.ts';
import { isRowsSpec } from '../../model/model.ts';
import type { Kind } from '../kind.ts';
import { DENSITY_OPTIONS } from '../preset-options.ts';
import { chooseSettings } from './choose-settings.ts';
import { rowsCommands } from './commands.ts';
import { rowsDefaults } from './defaults.ts';
import { rowsPlan, rowsSize } from './plan.ts';

/** A density of rows: a table, a toy or a plugin's data. */
export const rows: Kind = {
  ...rowsDefaults,
  title: 'densities of rows',
  task: 'density',
  source: 'table',
  holds: 'table',
  presets: ['toy', 'tabular'],
  models: ['implicit', 'residual', 'coupling'],
  takesBlocks: true,
  options: [...DENSITY_OPTIONS, 'columns', 'validation', 'test', 'header', 'separator', 'decimal', 'net', 'scaling'],
  fitsMixture: true,
  describes: isRowsSpec,
  sizeOf: (data) => rowsSize(asTable(data)),
  chooseSettings: (data, given) => chooseSettings(asTable(data), given),
  plan: (data, settings, spec?: FlowSpec) => rowsPlan(asTable(data), settings, spec),
  commands: rowsCommands,
};
