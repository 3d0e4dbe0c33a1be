import type { DensityEvaluation, DensityReport, ImageHeldOut, TrainingReport } from '@impflow/vision';
import { duration, number } from 'impflow/run';
import { solvesTable } from '../terminal/solves-table.ts';
import { table } from '../terminal/table.ts';

/** Returns the last lines that `train` prints for a density of images. */
export const densityText = (report: DensityReport, folder: string): string => {
  const { heldOut, rivals, unsolved, model, steps, bestStep } = report;
  return `
${table({
  head: ['held-out images', 'bits per dimension', '95 % interval'],
  rows: [
    bitsRow(`${model} flow, best of ${number(steps)} steps: ${number(bestStep)}`, heldOut),
    ...rivals.map((rival) => bitsRow(rival.name, rival)),
  ],
})}

${table({
  rows: [
    ['held-out images', number(heldOut.rows)],
    ...(unsolved === undefined
      ? []
      : [['held-out images whose solves failed: their log-densities are wrong', number(unsolved)]]),
    ...reconstructionLines(report),
    ...trainingLines(report),
  ],
})}

Written to ${folder}: samples.png, interpolations.png, reconstructions.png, curves.png, metrics.jsonl, config.json, checkpoint.safetensors`;
};

/** Returns what `evaluate` prints for a density of images. */
export const evaluationText = (evaluation: DensityEvaluation): string => {
  const { source, heldOut, solves } = evaluation;
  return `${source}: ${number(heldOut.rows)} images

${table({ head: ['held-out images', 'bits per dimension', '95 % interval'], rows: [bitsRow('density', heldOut)] })}

${table({
  rows: [
    ['log-likelihood, nats per image', `${number(-heldOut.nats, 5)} ± ${number(heldOut.standardError, 2)}`],
    ...reconstructionLines(evaluation),
  ],
})}

${solvesTable(solves)}`;
};

/** Returns the lines of the report on layer norms and on time. */
export const trainingLines = ({
  lipschitz: { layers, largestNorm, largestRatio },
  time,
  workers,
  backend,
}: Pick<TrainingReport, 'lipschitz' | 'time' | 'workers' | 'backend'>): readonly (readonly string[])[] => [
  ...(layers === 0
    ? []
    : [
        [
          'Lipschitz: largest operator norm of a layer',
          `${number(largestNorm, 5)} (${layers} layers, largest norm / cap ${number(largestRatio, 5)})`,
        ],
      ]),
  ['time', `${duration(time.total)}, ${workers === 1 ? '1 worker' : `${workers} workers`}, ${backend}`],
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
