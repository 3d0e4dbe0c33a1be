import type { LoadedRun } from '../../checkpoint/load-run.ts';
import { classHeldOut, classified, confusion } from '../../measure/classified.ts';
import { imageEvents } from '../../measure/events.ts';
import { finiteLogits } from '../../measure/finite.ts';
import { modelOutputs } from '../../measure/model-outputs.ts';
import { solveStatistics } from '../../measure/solve-statistics.ts';
import type { ClassifierModel } from '../../model/model.ts';
import { number } from '../../terminal/format.ts';
import { table } from '../../terminal/table.ts';
import { imagesFor } from '../images/data.ts';
import type { Answer, EvaluateOptions } from '../run-commands.ts';
import { solvesTable } from '../solves-table.ts';
import { confusionText } from './confusion-text.ts';
import { assertClasses, classNames, labeled, classNamesOf } from './labels.ts';
import { accuracyCells } from './test-report.ts';

/**
 * Held-out accuracy and cross-entropy of a classifier.
 *
 * @throws `input` for images without labels or with other classes.
 */
export const evaluateClasses = async (run: LoadedRun<ClassifierModel>, options: EvaluateOptions): Promise<Answer> => {
  const started = performance.now();
  const { model, checkpoint, paths } = run;
  const classes = classNamesOf(run);
  const images = labeled(await imagesFor(run, model.classifier.shape, options));
  assertClasses(images, classNames([images]), classes);
  const solves = solveStatistics();
  const found = classified(
    finiteLogits(await modelOutputs(model, imageEvents(images), { report: solves.report }), classes.length),
    classes.length,
  );
  const figures = classHeldOut(found, images.labels);
  const counts = confusion(found, images.labels);
  const json = {
    run: paths.folder,
    steps: checkpoint.step,
    seconds: (performance.now() - started) / 1000,
    source: images.source,
    heldOut: figures,
    classes,
    confusion: counts,
    solves: solves.summary(),
  };
  const statistics = solves.summary();
  return {
    json,
    text: () => `${images.source}: ${number(images.count)} images

${table({
  head: ['held-out images', 'right', '95 % interval', 'nats per image'],
  rows: [
    [
      'classifier',
      ...accuracyCells(figures.accuracy),
      `${number(figures.crossEntropy, 4)} ± ${number(figures.standardError, 2)}`,
    ],
  ],
})}

${confusionText(counts, classes)}${statistics.length === 0 ? '' : `\n\n${solvesTable(statistics)}`}`,
  };
};
