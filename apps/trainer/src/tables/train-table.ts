import { FlowError } from '@impflow/core';
import { IMAGE_OPTIONS } from '@impflow/vision';
import { OPTIONS, type Choices, type OnEvent } from 'impflow';
import { fitTable, type DataPlace, type Settings } from 'impflow/run';
import { placesOf } from '../dataset/places.ts';
import type { Resumed, Training } from '../kinds/training.ts';
import type { AllRegistries } from '../plugins/registries.ts';
import { checkUntil } from '../settings/check-together.ts';
import { resumedChoices } from '../settings/resumed-choices.ts';
import { flag, type TrainOptions } from '../settings/settings.ts';
import { NATS } from '../terminal/unit.ts';
import { overfitWatch } from './overfit-watch.ts';
import { writePictures } from './pictures.ts';
import { reportText, withErrorOrNull, type TrainingCourse } from './report-text.ts';
import { isSampler, rowsOf } from './rows-of.ts';

/** Returns the training of a density of a table. */
export const tableTraining = async (
  given: TrainOptions,
  { data, ...parts }: DataPlace,
  registries: AllRegistries,
  resumed: Resumed | undefined,
): Promise<Training> => {
  const rows = await rowsOf(data, registries);
  const choices = tableChoices(given, resumed);
  // The training of a table has a time limit if its length is not given in steps or epochs.
  if (resumed === undefined && given.steps === undefined && given.epochs === undefined && !isSampler(rows))
    checkUntil(given.until, undefined);
  return {
    unit: () => NATS,
    fit: async (hooks) => {
      const watch = overfitWatch();
      const onEvent: OnEvent = (event) => {
        watch.onEvent(event);
        hooks.onEvent(event);
      };
      const end = await fitTable(rows, { ...choices, ...parts, ...hooks, onEvent });
      if (end.stopped === 'aborted') return end;
      return {
        ...end,
        answer: async (paths) => {
          await writePictures(paths, end);
          const { report } = end.model;
          end.model.dispose();
          return {
            json: {
              run: paths.folder,
              ...report,
              heldOut: withErrorOrNull(report.heldOut),
              rivals: report.rivals.map(({ lead, ...rival }) => ({
                ...withErrorOrNull(rival),
                lead: withErrorOrNull(lead),
              })),
              seconds: report.time.total,
            },
            text: () => reportText(report, paths.folder, courseOf(given, end, watch.isOverfit(end.best))),
          };
        },
      };
    },
  };
};

const courseOf = (
  { lr, epochs }: TrainOptions,
  { stoppedEarly, settings: { seconds } }: { readonly stoppedEarly: boolean; readonly settings: Settings },
  isOverfit: boolean,
): TrainingCourse => ({
  stoppedEarly,
  length: epochs !== undefined ? '--epochs' : seconds === undefined ? '--steps' : '--seconds',
  choseRate: lr !== undefined,
  isOverfit,
});

/**
 * Returns the options of `train` that the training of a table reads. For a resumed run, returns only options that may
 * change.
 *
 * @throws `option` for options that a table does not have, or that would change the results of a resumed run.
 */
const tableChoices = (given: TrainOptions, resumed: Resumed | undefined): Choices => {
  const names = Object.keys(given).filter((name) => given[name as keyof TrainOptions] !== undefined);
  const idle = names.find(
    (name) =>
      Object.hasOwn(IMAGE_OPTIONS, name) &&
      !Object.hasOwn(OPTIONS, name) &&
      !(name === 'task' && given.task === 'density'),
  );
  if (idle !== undefined)
    throw new FlowError('option', 'cli', `${flag(idle)} does not apply to a table`, {
      expected: `${flag(idle)} with images`,
      got: given.data ?? 'a table',
      hint: 'Leave it out.',
    });
  const choices = Object.fromEntries(
    names.filter((name) => Object.hasOwn(OPTIONS, name)).map((name) => [name, given[name as keyof TrainOptions]]),
  ) as Choices;
  return resumed === undefined ? choices : resumedChoices(choices, { given, ...resumed, places: placesOf(given) });
};
