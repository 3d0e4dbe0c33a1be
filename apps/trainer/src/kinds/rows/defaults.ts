import { FlowError } from '@impflow/core';
import { DEFAULTS, FITTED, type KindDefaults, type TrainOptions } from '../../settings/settings.ts';

/**
 * Learning rates of a timed run. Sandwich nets tolerate larger steps than other nets. The narrow components of a fitted
 * mixture need smaller ones.
 */
const RATES = { sandwich: 1e-2, other: 5e-3, fitted: 3e-3, fewRows: 1e-3 } as const;
/**
 * With fewer training rows a flow overfits within some steps. A smaller learning rate lets a validation see the best
 * weights. The validation rows are few too, so small differences are chance.
 */
export const FEW_ROWS = 1000;
/** Validations without a new best after which a run of a table stops. */
const PATIENCE = 20;
/** Fewest steps between two validations of a table. */
const VALIDATE_EVERY = 5;

/** Defaults of a density of rows. A run of a table is timed unless its length is given in steps. */
export const rowsDefaults: KindDefaults = {
  items: 'rows',
  batch: 500,
  isTimed: ({ rows }) => rows < Infinity,
  defaults: (given, { name, rows, batch, seconds }) => {
    if (given.scaling !== undefined && rows === Infinity)
      throw new FlowError('option', 'cli', '--scaling has no use for a toy', {
        expected: 'rows of a table',
        got: name,
        hint: 'Leave it out.',
      });
    return {
      // An epoch, within limits.
      ...(rows < Infinity
        ? { validateEvery: Math.min(DEFAULTS.validateEvery, Math.max(VALIDATE_EVERY, Math.ceil(rows / batch))) }
        : {}),
      ...(rows < Infinity && seconds === undefined ? { patience: PATIENCE } : {}),
      ...(seconds === undefined ? {} : { lr: rateOf(given, rows) }),
    };
  },
};

const rateOf = (given: TrainOptions, rows: number): number => {
  if (rows < FEW_ROWS) return RATES.fewRows;
  if (given.base === FITTED) return RATES.fitted;
  return hasSandwichNets(given) ? RATES.sandwich : RATES.other;
};

const hasSandwichNets = ({ net, activation, model, preset = 'tabular' }: TrainOptions): boolean =>
  net === 'sandwich' || (net === undefined && activation === undefined && model !== 'coupling' && preset === 'tabular');
