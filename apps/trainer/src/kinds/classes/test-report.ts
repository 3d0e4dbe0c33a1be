import { classHeldOut, classified, confusion } from '../../measure/classified.ts';
import { imageEvents } from '../../measure/events.ts';
import { finiteLogits } from '../../measure/finite.ts';
import { modelOutputs } from '../../measure/model-outputs.ts';
import { auditLines, auditOfClassifier, summaryOf } from '../../measure/operator-norms.ts';
import { solveStatistics } from '../../measure/solve-statistics.ts';
import type { Share } from '../../measure/wilson.ts';
import { parametersOf, type ClassifierModel } from '../../model/model.ts';
import { duration, number } from '../../terminal/format.ts';
import { table } from '../../terminal/table.ts';
import { NATS_PER_IMAGE } from '../../terminal/unit.ts';
import type { FinishedTraining, TestReport } from '../plan.ts';
import { writeCurves } from '../write-curves.ts';
import { confusionText } from './confusion-text.ts';
import type { Labeled } from './labels.ts';
import { writeMisclassified } from './write-misclassified.ts';

/** Test figures of a prediction that does not depend on the image. */
export interface Baseline {
  readonly name: string;
  readonly crossEntropy: number;
  readonly accuracy: Share;
}

interface ClassTest {
  readonly classes: readonly string[];
  readonly test: Labeled;
  readonly baseline: Baseline;
}

/** Evaluates a classifier on its test images and draws the misclassified ones. */
export const reportOnClasses = async (
  model: ClassifierModel,
  { classes, test, baseline }: ClassTest,
  { settings, paths, state, elapsed, parallel }: FinishedTraining,
): Promise<TestReport> => {
  const { classifier, spec } = model;
  const solves = solveStatistics();
  const found = classified(
    finiteLogits(await modelOutputs(model, imageEvents(test), { parallel, report: solves.report }), spec.classes),
    spec.classes,
  );
  const figures = classHeldOut(found, test.labels);
  const counts = confusion(found, test.labels);
  const audit = auditOfClassifier(classifier, spec);
  const pictures = [
    ...(await writeMisclassified(paths, { test, found, classes })),
    ...(await writeCurves(paths, NATS_PER_IMAGE)),
  ];
  const seconds = elapsed();
  const { workers = 1 } = settings;
  const bestStep = state.best?.step ?? state.step;
  const json = {
    run: paths.folder,
    steps: state.step,
    bestStep,
    seconds,
    workers,
    heldOut: figures,
    baseline,
    classes,
    confusion: counts,
    solves: solves.summary(),
    ...(audit.length === 0 ? {} : { lipschitz: summaryOf(audit) }),
    parameters: parametersOf(classifier),
    shape: spec.shape,
  };
  const text = (): string => `
${table({
  head: ['held-out images', 'right', '95 % interval', 'nats per image'],
  rows: [
    [
      `${settings.model} classifier, best of ${number(state.step)} steps: ${number(bestStep)}`,
      ...accuracyCells(figures.accuracy),
      `${number(figures.crossEntropy, 4)} ± ${number(figures.standardError, 2)}`,
    ],
    [baseline.name, ...accuracyCells(baseline.accuracy), number(baseline.crossEntropy, 4)],
  ],
})}

${confusionText(counts, classes)}

${table({
  rows: [
    ['held-out images', number(figures.rows)],
    ...auditLines(audit),
    ['time', `${duration(seconds)}${workers === 1 ? '' : `, ${workers} workers`}`],
  ],
})}

Written to ${paths.folder}: ${[...pictures.map((path) => path.slice(paths.folder.length + 1)), 'metrics.jsonl', 'config.json', 'checkpoint.safetensors'].join(', ')}`;
  return { json, text };
};

/** A share and its interval in percent, as two cells. */
export const accuracyCells = ({ mean, low, high }: Share): readonly [string, string] => [
  `${number(100 * mean, 4)} %`,
  `${number(100 * low, 4)} to ${number(100 * high, 4)} %`,
];
