import type { DensityEvaluation, DensityReport, ImageHeldOut, TrainingReport } from '@impflow/vision';
import { duration, number } from 'impflow/run';
import { lossText } from '../terminal/loss-text.ts';
import { table } from '../terminal/table.ts';

/** Returns the last lines that `train` prints for a density of images. */
export const densityText = (report: DensityReport, folder: string): string => {
  const { heldOut, rivals, unsolved, model, steps, bestStep } = report;
  return `
${table({
  head: lossHead(heldOut, 'test image'),
  rows: [
    bitsRow(`${model} flow, best of ${number(steps)} steps: ${number(bestStep)}`, heldOut),
    ...rivals.map((rival) => bitsRow(rival.name, rival)),
  ],
})}

${table({
  rows: [
    ...(unsolved === undefined
      ? []
      : [['test images whose solves failed: their log-densities are wrong', number(unsolved)]]),
    ...reconstructionLines(report),
    timeLine(report),
  ],
})}

Written to ${folder}: samples.png, interpolations.png, reconstructions.png, curves.png, metrics.jsonl, config.json, checkpoint.safetensors`;
};

/** Returns what `evaluate` prints for a density of images. */
export const evaluationText = (evaluation: DensityEvaluation, solver: string | undefined): string => {
  const { source, heldOut } = evaluation;
  return `${source}

${table({ head: lossHead(heldOut, 'image'), rows: [bitsRow('density', heldOut)] })}

${table({
  rows: [['loss, nats per image', lossText(heldOut)], ...reconstructionLines(evaluation)],
})}${solver === undefined ? '' : `\n\n${solver}`}`;
};

/** Returns the heading of a table of losses. */
const lossHead = ({ rows }: ImageHeldOut, kind: string): readonly string[] => [
  `loss on ${number(rows)} ${kind}${rows === 1 ? '' : 's'}, lower is better`,
  'bits per dimension',
  '95 % interval',
];

/** Returns the cells of the last line of a report: the time, the number of workers, and the backend. */
export const timeLine = ({
  time,
  workers,
  backend,
}: Pick<TrainingReport, 'time' | 'workers' | 'backend'>): readonly string[] => [
  'time',
  `${duration(time.total)}, ${workers === 1 ? '1 worker' : `${workers} workers`}, ${backend}`,
];

/** Returns the cells of one row of the table of bits per dimension. */
const bitsRow = (name: string, { bitsPerDim: { mean, low, high } }: ImageHeldOut): readonly string[] => [
  name,
  number(mean, 4),
  `${number(low, 4)} to ${number(high, 4)}`,
];

/** Returns the line of the report on the reconstruction error. */
const reconstructionLines = ({
  reconstruction: { max, mean, images },
}: Pick<DensityEvaluation, 'reconstruction'>): readonly (readonly string[])[] => [
  [
    `reconstruction |x - f⁻¹(f(x))| / 256 over ${number(images)} images`,
    `${number(max, 2)} at most, ${number(mean, 2)} on average`,
  ],
];
