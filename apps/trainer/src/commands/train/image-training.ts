import { fitImages, loadImages, type ClassifierReport, type DensityReport, type Images } from '@impflow/vision';
import { isClassifierSpec, type DataPlace } from 'impflow/run';
import { classifierText } from '../../classes/report-text.ts';
import { writeMisclassified } from '../../classes/write-misclassified.ts';
import { imageChoices } from '../../images/choices.ts';
import type { ClassifierRun, DensityRun } from '../../images/images-run.ts';
import { densityText } from '../../images/report-text.ts';
import { bitsUnit } from '../../images/unit.ts';
import { writePictures } from '../../images/write-pictures.ts';
import type { Answer } from '../../kinds/answer.ts';
import type { Resumed, Training } from '../../kinds/training.ts';
import { writeCurves } from '../../run-folder/write-curves.ts';
import type { TrainOptions } from '../../settings/settings.ts';
import { NATS_PER_IMAGE, type Unit } from '../../terminal/unit.ts';

/** Returns the training of a density or a classifier of images. */
export const imageTraining = async (
  given: TrainOptions,
  { data }: DataPlace,
  resumed: Resumed | undefined,
): Promise<Training> => {
  const choices = imageChoices(given, resumed);
  const images = await loadImages(data);
  let unit: Unit = NATS_PER_IMAGE;
  return {
    unit: () => unit,
    fit: async (hooks) => {
      const end = await fitImages(images, {
        ...choices,
        ...hooks,
        onPlan: async ({ spec }) => {
          if (!isClassifierSpec(spec)) unit = bitsUnit(spec.dim);
        },
      });
      if (end.stopped === 'aborted') return end;
      const { model, checkpoint, parts } = end;
      return {
        ...end,
        answer: async (paths) => {
          try {
            return model.kind === 'density'
              ? await densityAnswer({ paths, checkpoint, model }, parts.test)
              : await classifierAnswer({ paths, checkpoint, model }, parts.test);
          } finally {
            model.dispose();
          }
        },
      };
    },
  };
};

/** Draws the pictures of a trained density, and returns its report. `test` are the test images of the run. */
const densityAnswer = async (run: DensityRun, test: Images): Promise<Answer> => {
  const { paths, model } = run;
  const report = model.contents.report as DensityReport;
  await writePictures(paths, model, { test, seed: model.contents.options!.seed });
  await writeCurves(run, bitsUnit(report.dim), 'images');
  return { json: jsonOf(report, paths.folder), text: () => densityText(report, paths.folder) };
};

/** Draws the pictures of a trained classifier, and returns its report. `test` are the test images of the run. */
const classifierAnswer = async (run: ClassifierRun, test: Images): Promise<Answer> => {
  const { paths, model } = run;
  const report = model.contents.report as ClassifierReport;
  const pictures = [...(await writeMisclassified(run, test)), ...(await writeCurves(run, NATS_PER_IMAGE, 'images'))];
  return { json: jsonOf(report, paths.folder), text: () => classifierText(report, paths.folder, pictures) };
};

/**
 * Converts a report to the object that `--json` prints. The field `baseline` contains the simple model with which the
 * report compares the trained model.
 */
const jsonOf = ({ rivals, time, ...figures }: DensityReport | ClassifierReport, run: string): Answer['json'] => ({
  run,
  ...figures,
  baseline: rivals[0],
  time,
  seconds: time.total,
});
