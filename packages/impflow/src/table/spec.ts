import { flowSpec, type PresetOptions, type Tail } from '@impflow/flows';
import { recordsSpec, type FittedColumns, type RecordsSpec } from '@impflow/tables';
import { flowMethods, type FlowSettings } from '../options/flow-methods.ts';
import { FITTED, type Settings } from '../options/settings.ts';
import { isWeighted, rowCount, type Part } from './part.ts';

/**
 * The broad tail density that is mixed into the density of a table. With the tail, a row with a cell at 40 standard
 * deviations adds some tens of nats to the loss. Without the tail, this row would add 800 nats under a normal density,
 * and more than all other rows together under a mixture. One in 100,000 draws comes from the tail.
 */
const TAIL: Tail = { weight: 1e-5, scale: 10 };

/**
 * With fewer training rows than this, contractive blocks have no act-norms. On a table of 1,525 rows, the scales of
 * act-norms overfit; from 5,000 rows on, act-norms lower the loss.
 */
const ACT_NORM_ROWS = 2000;

/** Settings that determine the spec of a density. */
export type SpecSettings = FlowSettings & Pick<Settings, 'net' | 'preset' | 'scaling'>;

/**
 * Returns the spec of a density. If the option `base` is `fitted`, the spec still has a normal base, which
 * `withMixture` replaces.
 */
export const specOf = (fitted: FittedColumns, train: Part, settings: SpecSettings, isSampled: boolean): RecordsSpec => {
  const { base, model, net, scaling, preset = isSampled ? 'toy' : 'tabular' } = settings;
  return recordsSpec(fitted, train.values, {
    ...flowMethods(settings),
    ...(net === undefined ? {} : { net }),
    ...(isSampled ? { scaling: 'none' as const } : scaling === undefined ? {} : { scaling }),
    ...(preset === 'toy' ? { preset: (options: PresetOptions) => flowSpec(options) } : {}),
    // With a fitted base, a flow with an act-norm would not have the density of the mixture at the start, because the
    // first batch initializes the act-norm.
    ...(base === FITTED || (model !== 'coupling' && rowCount(train) < ACT_NORM_ROWS) ? { actNorm: false } : {}),
    ...(!isSampled && (base === undefined || base === FITTED) ? { tail: TAIL } : {}),
    ...(isWeighted(train) ? { weights: train.weights } : {}),
  });
};
