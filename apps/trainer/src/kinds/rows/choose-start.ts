import { note } from '../../commands/context.ts';
import type { TableData } from '../../dataset/tables.ts';
import { isBetter, mean } from '../../measure/paired.ts';
import { FITTED } from '../../run/run-kind.ts';
import { newSettings, SCALINGS, type Settings, type TrainOptions } from '../../run/settings.ts';
import { number } from '../../terminal/table.ts';
import { heldLogProbs } from './held-mixture.ts';
import { rowsSize } from './plan.ts';

const WORDS = {
  standard: 'standardised columns',
  whitened: 'whitened columns',
  quantiles: 'columns by quantiles',
} as const;

/** Settings of a timed run on a table. */
export interface Start {
  /** Settings to train with. */
  readonly settings: Settings;
  /**
   * Settings of the rival that begins as the fitted mixture, if `--base` is open. The run uses them unless training
   * beats the mixture.
   */
  readonly mixture?: Settings;
}

/**
 * Chooses the options that the user left open in a timed run. The scaling is the one whose fitted mixture describes
 * held-out rows best. The base is Gaussian, with the mixture as a rival.
 *
 * @remarks Flows are not compared by short trainings: after a tenth of the time, a flow over a Gaussian is far behind a
 * mixture that it beats in the end (docs/decisions/021). Costs a few seconds for each scaling.
 */
export const chooseStart = (data: TableData, given: TrainOptions): Start => {
  const { base, scaling } = given;
  const settingsOf = (choices: Partial<TrainOptions>): Settings =>
    newSettings({ ...given, ...choices }, rowsSize(data));
  const chosen = scaling ?? openScaling(data, settingsOf, given);
  const settings = settingsOf({ scaling: chosen });
  return base === undefined ? { settings, mixture: settingsOf({ scaling: chosen, base: FITTED }) } : { settings };
};

/**
 * The best scaling. One replaces a simpler one only if it is better by more than a standard error: with few rows,
 * smaller differences are chance.
 */
const openScaling = (
  data: TableData,
  settingsOf: (choices: Partial<TrainOptions>) => Settings,
  given: TrainOptions,
): (typeof SCALINGS)[number] => {
  let best: { readonly scaling: (typeof SCALINGS)[number]; readonly logProbs: Float64Array } | undefined;
  // With two columns, full covariances have the effect of whitening.
  for (const scaling of SCALINGS.filter((name) => name !== 'whitened' || data.columns.length > 2)) {
    const { logProbs, by } = heldLogProbs(data, settingsOf({ scaling }));
    const taken = best === undefined || isBetter(logProbs, best.logProbs);
    note(
      given,
      `Fitted mixture, ${WORDS[scaling]}: ${number(mean(logProbs), 5)} nats on ${number(logProbs.length)} ${by}.${taken ? '' : ' Not taken.'}`,
    );
    if (taken) best = { scaling, logProbs };
  }
  return best!.scaling;
};
