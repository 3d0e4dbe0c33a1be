import type { RemarkEvent } from '../events.ts';
import type { Settings } from '../options/settings.ts';
import type { TrainingEnd } from './train.ts';

/** Says why a training ended before its length. */
export const tellEarlyEnd = (
  { stopped, isEarly, state }: Pick<TrainingEnd, 'stopped' | 'isEarly' | 'state'>,
  { patience }: Pick<Settings, 'patience'>,
  onEvent: (event: RemarkEvent) => void,
): void => {
  if (stopped === 'early-stopping')
    onEvent({
      kind: 'remark',
      text: `Stopped early, after step ${state.step}: ${patience} validations without a new best.`,
    });
  else if (isEarly)
    onEvent({
      kind: 'remark',
      text: `Stopped early, after step ${state.step}: nearly a third of the time without a new best.`,
    });
};
