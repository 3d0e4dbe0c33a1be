import type { ClassifierReport, Images } from '@impflow/vision';
import type { ClassifierRun } from '../images/images-run.ts';
import type { Answer } from '../kinds/answer.ts';
import { writeCurves } from '../run-folder/write-curves.ts';
import { NATS_PER_IMAGE } from '../terminal/unit.ts';
import { classifierText } from './report-text.ts';
import { writeMisclassified } from './write-misclassified.ts';

/** Draws the pictures of a trained classifier, and returns its figures. `test` are its test images. */
export const trainedClassifier = async (run: ClassifierRun, test: Images): Promise<Answer> => {
  const { paths, model } = run;
  const report = model.contents.report as ClassifierReport;
  const pictures = [...(await writeMisclassified(run, test)), ...(await writeCurves(paths, NATS_PER_IMAGE))];
  const {
    rivals: [baseline],
    time,
    ...figures
  } = report;
  return {
    json: { run: paths.folder, ...figures, baseline, time, seconds: time.total },
    text: () => classifierText(report, paths.folder, pictures),
  };
};
