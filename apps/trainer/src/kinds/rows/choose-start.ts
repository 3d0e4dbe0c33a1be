import { note } from '../../commands/context.ts';
import type { TableData } from '../../dataset/tables.ts';
import { isBetter, mean } from '../../measure/paired.ts';
import { FITTED } from '../../run/kind.ts';
import { newSettings, SCALINGS, type Settings, type TrainOptions } from '../../run/settings.ts';
import { number } from '../../terminal/table.ts';
import { heldLogProbs } from './held-mixture.ts';
import { rowsSize } from './plan.ts';

const WORDS = { standard: 'standardised columns', whitened: 'whitened columns', quantiles: 'columns by quantiles' } as const;

/** The choices of a timed run of a table. */
export interface Start {
  /** Those to train with. */
  readonly settings: Settings;
  /** Those that begin as the fitted mixture, where the caller left the base open: taken unless the training beats the mixture. */
  readonly mixture?: Settings;
}

/**
 * What the caller left open of a timed run: the scaling is the one whose fitted mixture describes held-out rows best, and the training is over a Gaussian base, with that mixture as its rival.
 *
 * @remarks Flows are not compared by short trainings: after a tenth of the time, a flow over a Gaussian is far behind a mixture that it beats in the end (docs/decisions/021). Costs a few seconds
 * for each scaling.
 */
export const chooseStart = (data: TableData, given: TrainOptions): Start => {
  const { base, scaling } = given;
  const settingsOf = (choices: Partial<TrainOptions>): Settings => newSettings({ ...given, ...choices }, rowsSize(data));
  const chosen = scaling ?? openScaling(data, settingsOf, given);
  const settings = settingsOf({ scaling: chosen });
  return base === undefined ? { settings, mixture: settingsOf({ scaling: chosen, base: FITTED }) } : { settings };
};

/** A scaling takes the place of a plainer one where it is better by more than a standard error: with few rows, luck decides smaller differences. */
const openScaling = (data: TableData, settingsOf: (choices: Partial<TrainOptions>) => Settings, given: TrainOptions): (typeof SCALINGS)[number] => {
  let best: { readonly scaling: (typeof SCALINGS)[number]; readonly logProbs: Float64Array } | undefined;
  // With two columns, full covariances do what whitening would do.
  for (const scaling of SCALINGS.filter((name) => name !== 'whitened' || data.columns.length > 2)) {
    const { logProbs, by } = heldLogProbs(data, settingsOf({ scaling }));
    const taken = best === undefined || isBetter(logProbs, best.logProbs);
    note(given, `Fitted mixture, ${WORDS[scaling]}: ${number(mean(logProbs), 5)} nats on ${number(logProbs.length)} ${by}.${taken ? '' : ' Not taken.'}`);
    if (taken) best = { scaling, logProbs };
  }
  return best!.scaling;
};
