import { FlowError } from '@impflow/core';
import { IMAGE_OPTIONS, type ImageChoices } from '@impflow/vision';
import { OPTIONS } from 'impflow';
import { placesOf } from '../dataset/places.ts';
import type { Resumed } from '../kinds/training.ts';
import { resumedChoices } from '../settings/resumed-choices.ts';
import { flag, type TrainOptions } from '../settings/settings.ts';

/**
 * Returns the options of `train` that the training of images reads. For a resumed run, returns only options that may
 * change.
 *
 * @throws `option` for options that images do not have, or that would change the results of a resumed run.
 */
export const imageChoices = (given: TrainOptions, resumed: Resumed | undefined): ImageChoices => {
  const names = Object.keys(given).filter((name) => given[name as keyof TrainOptions] !== undefined);
  const isOfImages = (name: string): boolean => Object.hasOwn(IMAGE_OPTIONS, name);
  const idle = names.find(
    (name) => !isOfImages(name) && (Object.hasOwn(OPTIONS, name) || name === 'validation' || name === 'test'),
  );
  if (idle !== undefined)
    throw new FlowError('option', 'cli', `${flag(idle)} does not apply to images`, {
      expected: `${flag(idle)} with a table`,
      got: given.data ?? 'images',
      hint: 'Leave it out.',
    });
  const choices = Object.fromEntries(
    names.filter(isOfImages).map((name) => [name, given[name as keyof TrainOptions]]),
  ) as ImageChoices;
  return resumed === undefined ? choices : resumedChoices(choices, { given, ...resumed, places: placesOf(given) });
};
