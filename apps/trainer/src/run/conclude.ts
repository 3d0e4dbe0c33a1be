import type { Conclusions, Job, Outcome } from '../kinds/plan.ts';
import { atBest } from './best.ts';
import { TIGHT } from './load.ts';

/**
 * Judges the best weights of a run. The model is as before afterwards: the checkpoint keeps the last weights too, to resume from.
 */
export const conclude = ({ learned: { model }, conclude: judge }: Job, outcome: Outcome): Promise<Conclusions> => atBest(model, outcome.state, () => {
  model.refresh(TIGHT);
  return judge(outcome);
});
