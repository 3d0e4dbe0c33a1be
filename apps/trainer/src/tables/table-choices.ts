import { FlowError } from '@impflow/core';
import { IMAGE_OPTIONS } from '@impflow/vision';
import { OPTIONS, type Choices } from 'impflow';
import { placesOf } from '../dataset/places.ts';
import type { Resumed } from '../kinds/training.ts';
import { resumedChoices } from '../settings/resumed-choices.ts';
import { flag, type TrainOptions } from '../settings/settings.ts';

/**
 * The choices for a table among the options of `train`. In a run that is resumed, those that may change.
 *
 * @throws `option` for options that a table does not have, or that would change the results of a resumed run.
 */
export const tableChoices = (given: TrainOptions, resumed: Resumed | undefined): Choices => {
  const names = Object.keys(given).filter((name) => given[name as keyof TrainOptions] !== undefined);
  const idle = names.find((name) => Object.hasOwn(IMAGE_OPTIONS, name) && !Object.hasOwn(OPTIONS, name));
  if (idle !== undefined && given.task !== 'density')
    throw new FlowError('option', 'cli', `${flag(idle)} has no use for a table`, {
      expected: `${flag(idle)} with images`,
      got: given.data ?? 'a table',
      hint: 'Leave it out.',
    });
  const choices = Object.fromEntries(
    names.filter((name) => Object.hasOwn(OPTIONS, name)).map((name) => [name, given[name as keyof TrainOptions]]),
  ) as Choices;
  return resumed === undefined ? choices : resumedChoices(choices, { given, ...resumed, places: placesOf(given) });
};
