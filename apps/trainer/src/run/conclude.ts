import type { Conclusions, Job, Outcome } from '../kinds/plan.ts';
import { atBest } from './best.ts';
import { TIGHT } from './load.ts';

/**
 * Evaluates the best weights of a run and restores the model: the checkpoint also keeps the last weights, to resume
 * from.
 */
export const conclude = ({ learned: { model }, conclude: judge }: Job, outcome: Outcome): Promise<Conclusions> =>
  atBest(model, outcome.state, () => {
    model.refresh(TIGHT);
    return judge(outcome);
  });
