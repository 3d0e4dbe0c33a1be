import { assignVariables, preserving, withParameters } from '@impflow/training';
import type { Conclusions, Job, Outcome } from '../kinds/plan.ts';
import { TIGHT } from './load.ts';

/**
 * Judges the best weights of a run. The model is as before afterwards: the checkpoint keeps the last weights too, to resume from.
 */
export const conclude = async ({ learned: { model }, conclude: judge }: Job, outcome: Outcome): Promise<Conclusions> => {
  const { best } = outcome.state;
  const judged = (): Promise<Conclusions> => {
    model.refresh(TIGHT);
    return judge(outcome);
  };
  return preserving(model.buffers, () => best === undefined ? judged() : withParameters(model.parameters, best.parameters, () => {
    assignVariables(model.buffers, best.buffers);
    return judged();
  }));
};
