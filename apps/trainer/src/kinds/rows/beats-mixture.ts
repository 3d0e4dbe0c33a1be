import type { TrainingState } from '@impflow/training';
import type { TableData } from '../../dataset/split-table.ts';
import { rowEvents } from '../../measure/events.ts';
import { logProbs } from '../../measure/held-out.ts';
import { meanOf } from '../../measure/mean.ts';
import { placedLogProbs } from '../../measure/mixture.ts';
import { isBetter } from '../../measure/paired-difference.ts';
import { atBest } from '../../model/at-best.ts';
import type { FlowModel } from '../../model/model.ts';
import type { Settings, TrainOptions } from '../../settings/settings.ts';
import { number } from '../../terminal/format.ts';
import { note } from '../../terminal/output.ts';
import { FEW_ROWS } from './defaults.ts';
import { mixtureUnder } from './plan.ts';

/**
 * Whether the best weights of a flow are better on the validation rows than the mixture that `mixture` begins as. With
 * few rows the difference must exceed its standard error: a flow that was validated often owes part of its best value
 * to chance.
 */
export const beatsMixture = async (
  { flow, model }: FlowModel,
  state: TrainingState,
  data: TableData,
  mixture: Settings,
  given: TrainOptions,
): Promise<boolean> => {
  const trained = await atBest(model, state, async () => logProbs(flow, rowEvents(data.validation)));
  const fitted = placedLogProbs(mixtureUnder(data, mixture), data.validation);
  const beats = data.train.rows < FEW_ROWS ? isBetter(trained, fitted) : meanOf(trained) > meanOf(fitted);
  const figures = `${number(meanOf(trained), 5)} nats on the validation rows against ${number(meanOf(fitted), 5)} of the fitted mixture`;
  note(
    given,
    beats
      ? `The trained flow has ${figures}.`
      : `The trained flow has ${figures}: the run begins again as the mixture.`,
  );
  return beats;
};
