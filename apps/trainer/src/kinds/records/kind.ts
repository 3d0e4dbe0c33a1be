import type { RecordsSpec } from '@impflow/tables';
import { RECORD_OPTIONS } from '../../dataset/record-options.ts';
import { asRecords } from '../../dataset/run-data.ts';
import { isRecordsSpec } from '../../model/model.ts';
import { FITTED, type KindDefaults } from '../../settings/settings.ts';
import type { Kind } from '../kind.ts';
import { DENSITY_OPTIONS } from '../preset-options.ts';
import { rowsDefaults } from '../rows/defaults.ts';
import { recordsCommands } from './commands.ts';
import { recordsPlan, recordsSize } from './plan.ts';

/** Defaults of a density of records: those of rows, but the flow begins as a mixture. */
export const recordsDefaults: KindDefaults = {
  ...rowsDefaults,
  defaults: (given, data) => {
    const { base = FITTED, ...others } = given;
    // The learning rate is not lowered for the fitted base: what matters then are the nets that see the conditions.
    const rated = data.seesNumbers === true ? others : { ...others, base };
    return { ...rowsDefaults.defaults(rated, data), base };
  },
};

/** A density of records: a table with categories, conditions, gaps, weights, bounds or dates. */
export const records: Kind = {
  ...recordsDefaults,
  title: 'densities of records',
  task: 'density',
  source: 'table',
  holds: 'records',
  presets: ['tabular'],
  models: ['implicit', 'residual', 'coupling'],
  takesBlocks: true,
  options: [
    ...DENSITY_OPTIONS,
    ...RECORD_OPTIONS,
    'columns',
    'validation',
    'test',
    'header',
    'separator',
    'decimal',
    'net',
  ],
  fitsMixture: true,
  describes: isRecordsSpec,
  sizeOf: (data) => recordsSize(asRecords(data)),
  plan: (data, settings, spec?: RecordsSpec) => recordsPlan(asRecords(data), settings, spec),
  commands: recordsCommands,
};
