import { FlowError } from '@impflow/core';
import { assignMixture, type FlowSpec, type MixtureFit, type PluginSpec } from '@impflow/flows';
import { runKey } from '@impflow/training';
import type { TableData } from '../../dataset/split-table.ts';
import { isConstant } from '../../measure/constant-blocks.ts';
import { rowEvents } from '../../measure/events.ts';
import { logProbs } from '../../measure/held-out.ts';
import { mixtureText, placedLogProbs, placedMixture, type PlacedMixture } from '../../measure/mixture.ts';
import type { FlowModel } from '../../model/model.ts';
import { number } from '../../terminal/format.ts';

/** Most rows that the start of a flow is checked on. */
const CHECKED = 64;

/** Mixtures fitted to a table, by constant blocks, seed and budget. The candidate starts of a run share them. */
const fitted = new WeakMap<TableData, Map<string, PlacedMixture>>();

/** The mixture that a new flow with these blocks begins as, cached. `seconds` is the budget of `chooseMixture`. */
export const fittedMixture = (
  data: TableData,
  blocks: FlowSpec['blocks'],
  { seed, seconds }: { readonly seed: number; readonly seconds: number },
): PlacedMixture => {
  const constant = blocks.filter(isConstant);
  const name = JSON.stringify([constant, seed, seconds]);
  const known = fitted.get(data) ?? new Map<string, PlacedMixture>();
  fitted.set(data, known);
  const found = known.get(name) ?? placedMixture(data, constant, { key: runKey(seed, 'mixture'), seconds });
  known.set(name, found);
  return found;
};

/** The base density of a spec for this mixture. */
export const baseOf = ({ components, covariance }: MixtureFit): PluginSpec => ({
  name: 'mixture',
  options: { components, covariance },
});

/** The remark on the mixture for the user. */
export const mixtureRemark = (choice: PlacedMixture): string =>
  `Base: Gaussian mixture of ${mixtureText(choice)}, chosen by ${choice.by === 'folds' ? 'five folds' : 'validation'}: ` +
  `held-out log-likelihood ${number(-choice.nats, 4)} nats per row.`;

/**
 * Writes the mixture into the base of a new flow, whose density then equals the mixture.
 *
 * @throws `option` if it does not: some block does not begin as the identity.
 */
export const assignMixtureBase = (
  { flow }: Pick<FlowModel, 'flow'>,
  choice: PlacedMixture,
  { validation }: Pick<TableData, 'validation'>,
): void => {
  assignMixture(flow.base, choice.fit);
  const count = Math.min(CHECKED, validation.rows);
  const some = { ...validation, rows: count, values: validation.values.subarray(0, count * validation.columns.length) };
  const wanted = placedLogProbs(choice, some);
  const found = logProbs(flow, rowEvents(some));
  const worst = found.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - wanted[i]!) / (1 + Math.abs(wanted[i]!))),
    0,
  );
  if (!(worst < 0.01)) {
    throw new FlowError('option', 'cli', '--base fitted does not fit this model', {
      expected: 'blocks that begin as the identity',
      got: 'log-densities other than those of the mixture',
      hint: 'Choose --model implicit, residual or coupling, or another --base.',
    });
  }
};
