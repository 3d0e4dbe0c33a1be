import type { DensityReport, Images } from '@impflow/vision';
import type { Answer } from '../kinds/answer.ts';
import { writeCurves } from '../run-folder/write-curves.ts';
import type { DensityRun } from './images-run.ts';
import { densityText } from './report-text.ts';
import { bitsUnit } from './unit.ts';
import { writePictures } from './write-pictures.ts';

/** Draws the pictures of a trained density, and returns its figures. `test` are its test images. */
export const trainedDensity = async ({ paths, model }: DensityRun, test: Images): Promise<Answer> => {
  const report = model.contents.report as DensityReport;
  await writePictures(paths, model, { test, seed: model.contents.options!.seed });
  await writeCurves(paths, bitsUnit(report.dim));
  const {
    rivals: [baseline],
    time,
    ...figures
  } = report;
  return {
    json: { run: paths.folder, ...figures, baseline, time, seconds: time.total },
    text: () => densityText(report, paths.folder),
  };
};
