import { basename } from 'node:path';
import type { ClassifierEvaluation, ClassifierReport, Share } from '@impflow/vision';
import { number } from 'impflow/run';
import { timeLine } from '../images/report-text.ts';
import { table } from '../terminal/table.ts';

/** Returns the last lines that `train` prints for a classifier. `pictures` are the paths of the drawn pictures. */
export const classifierText = (report: ClassifierReport, folder: string, pictures: readonly string[]): string => {
  const { heldOut, rivals, classes, confusion, model, steps, bestStep } = report;
  return `
${table({
  head: HEAD,
  rows: [
    heldOutRow(`${model} classifier, best of ${number(steps)} steps: ${number(bestStep)}`, heldOut),
    ...rivals.map(({ name, accuracy, crossEntropy }) => [name, ...accuracyCells(accuracy), number(crossEntropy, 4)]),
  ],
})}

${confusionText(confusion, classes)}

${table({ rows: [['test images', number(heldOut.rows)], timeLine(report)] })}

Written to ${folder}: ${[...pictures.map((path) => basename(path)), 'metrics.jsonl', 'config.json', 'checkpoint.safetensors'].join(', ')}`;
};

/** Returns what `evaluate` prints for a classifier. */
export const evaluationText = (
  { source, heldOut, classes, confusion }: ClassifierEvaluation,
  solver: string | undefined,
): string =>
  `${source}: ${number(heldOut.rows)} images

${table({ head: HEAD, rows: [heldOutRow('classifier', heldOut)] })}

${confusionText(confusion, classes)}${solver === undefined ? '' : `\n\n${solver}`}`;

const HEAD = ['test images', 'right', '95 % interval', 'loss, nats per image'];

const heldOutRow = (name: string, { accuracy, crossEntropy, standardError }: ClassifierEvaluation['heldOut']) => [
  name,
  ...accuracyCells(accuracy),
  `${number(crossEntropy, 4)} ± ${number(standardError, 2)}`,
];

/** Returns an accuracy and its interval in percent, as two cells. */
const accuracyCells = ({ mean, low, high }: Share): readonly [string, string] => [
  `${number(100 * mean, 4)} %`,
  `${number(100 * low, 4)} to ${number(100 * high, 4)} %`,
];

/** Maximum number of classes for which the whole confusion matrix is shown. */
const WHOLE = 12;
const WORST = 10;

/**
 * Returns a text with the numbers of images of one class that were classified as another class. The text is the whole
 * confusion matrix, or, with more than {@link WHOLE} classes, a table of the ten most frequent mistakes.
 */
const confusionText = (counts: readonly (readonly number[])[], classes: readonly string[]): string => {
  if (classes.length <= WHOLE) {
    return table({ head: ['true class, taken for', ...classes], rows: counts.map((row, i) => [classes[i]!, ...row]) });
  }
  const mistakes = counts
    .flatMap((row, i) => row.flatMap((count, j) => (i === j || count === 0 ? [] : [{ i, j, count }])))
    .toSorted((a, b) => b.count - a.count)
    .slice(0, WORST);
  if (mistakes.length === 0) return 'No mistakes.';
  return table({
    head: ['true class', 'taken for', 'images'],
    rows: mistakes.map(({ i, j, count }) => [classes[i]!, classes[j]!, number(count)]),
  });
};
