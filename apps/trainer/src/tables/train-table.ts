import { fitTable, type DataPlace } from 'impflow/run';
import type { Resumed, Training } from '../kinds/training.ts';
import type { AllRegistries } from '../plugins/registries.ts';
import { checkUntil } from '../settings/check-together.ts';
import type { TrainOptions } from '../settings/settings.ts';
import { NATS } from '../terminal/unit.ts';
import { writePictures } from './pictures.ts';
import { reportText, withErrorOrNull } from './report-text.ts';
import { isSampler, rowsOf } from './rows-of.ts';
import { tableChoices } from './table-choices.ts';

/** The training of a density of a table. */
export const tableTraining = async (
  given: TrainOptions,
  { data, ...parts }: DataPlace,
  registries: AllRegistries,
  resumed: Resumed | undefined,
): Promise<Training> => {
  const rows = await rowsOf(data, registries);
  const choices = tableChoices(given, resumed);
  // A table is timed unless its length is given in steps.
  if (resumed === undefined && given.steps === undefined && given.epochs === undefined && !isSampler(rows))
    checkUntil(given.until, undefined);
  return {
    unit: () => NATS,
    fit: async (hooks) => {
      const end = await fitTable(rows, { ...choices, ...parts, ...hooks });
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
              rivals: report.rivals.map(withErrorOrNull),
              seconds: report.time.total,
            },
            text: () => reportText(report, paths.folder),
          };
        },
      };
    },
  };
};
