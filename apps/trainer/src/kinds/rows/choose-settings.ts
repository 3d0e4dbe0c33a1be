import type { TableData } from '../../dataset/split-table.ts';
import { meanOf } from '../../measure/mean.ts';
import { isBetter } from '../../measure/paired-difference.ts';
import type { FlowModel } from '../../model/model.ts';
import { FITTED, newSettings, SCALINGS, type Settings, type TrainOptions } from '../../settings/settings.ts';
import { number } from '../../terminal/format.ts';
import { note } from '../../terminal/output.ts';
import type { TimedSettings } from '../kind.ts';
import { beatsMixture } from './beats-mixture.ts';
import { rowsDefaults } from './defaults.ts';
import { heldLogProbs } from './held-mixture.ts';
import { rowsSize } from './plan.ts';

const WORDS = {
  standard: 'standardized columns',
  whitened: 'whitened columns',
  quantiles: 'columns by quantiles',
} as const;

/**
 * Chooses the options that the user left open in a timed run on a table. The scaling is the one whose fitted mixture
 * describes held-out rows best. The base is Gaussian; the second run begins as the mixture. Undefined for a toy.
 *
 * @remarks Flows are not compared by short trainings: after a tenth of the time, a flow over a Gaussian is far behind a
 * mixture that it beats in the end (docs/decisions/021). Costs a few seconds for each scaling.
 */
export const chooseSettings = (data: TableData, given: TrainOptions): TimedSettings | undefined => {
  if (data.draw !== undefined) return undefined;
  const { base, scaling } = given;
  const settingsOf = (choices: Partial<TrainOptions>): Settings =>
    newSettings({ ...given, ...choices }, rowsSize(data), rowsDefaults);
  const chosen = scaling ?? openScaling(data, settingsOf, given);
  const settings = settingsOf({ scaling: chosen });
  if (base !== undefined) return { settings };
  const mixture = settingsOf({ scaling: chosen, base: FITTED });
  return {
    settings,
    secondRun: {
      settings: mixture,
      isNeeded: async (trained: FlowModel, state) => !(await beatsMixture(trained, state, data, mixture, given)),
    },
  };
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
      `Fitted mixture, ${WORDS[scaling]}: ${number(meanOf(logProbs), 5)} nats on ${number(logProbs.length)} ${by}.${taken ? '' : ' Not taken.'}`,
    );
    if (taken) best = { scaling, logProbs };
  }
  return best!.scaling;
};
