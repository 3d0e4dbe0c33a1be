import type { Evaluation, HeldOut, Report } from 'impflow';
import { duration, number } from 'impflow/run';
import { lossText } from '../terminal/loss-text.ts';
import { table } from '../terminal/table.ts';
import { wrapped } from '../terminal/wrapped.ts';
import { calibrationText, calibrationVerdict } from './calibration-text.ts';
import { hasRival, lossesText, lossHead, MEANING, verdict } from './losses-text.ts';

/** Returns the evaluation as JSON. For a single row, `standardError` is null. */
export const withErrorOrNull = <Figures extends HeldOut>(
  figures: Figures,
): Omit<Figures, 'standardError'> & { readonly standardError: number | null } => ({
  ...figures,
  standardError: figures.rows < 2 ? null : figures.standardError,
});

/** How a training was called and how it ended, as far as the advice at its end depends on it. */
export interface TrainingCourse {
  /** Whether the training ended by itself, because the validation loss had no new minimum. */
  readonly stoppedEarly: boolean;
  /** The option that makes a training longer, such as `--seconds`. */
  readonly length: '--seconds' | '--steps' | '--epochs';
  /** Whether the user chose the learning rate. */
  readonly choseRate: boolean;
  /** Whether the flow learned the training rows by heart: see `overfitWatch`. */
  readonly isOverfit: boolean;
}

/** Returns the last lines that `train` prints for a table. */
export const reportText = (report: Report, folder: string, course: TrainingCourse): string => {
  const { heldOut, calibration, steps, bestStep, workers, backend, time } = report;
  const calibrated = [calibrationVerdict(calibration, heldOut.rows + heldOut.unsolved)].filter((text) => text !== '');
  return `
${lossesText(report)}

${wrapped([verdict(report), ...calibrated, ...overfitText(report, course), ...advice(report, course)].join(' '))}

${table({
  rows: [
    ...unsolvedLines(heldOut),
    ['steps', `${number(steps)}, best on the validation rows: ${bestStep === 0 ? 'the start' : number(bestStep)}`],
    ['time', `${duration(time.total)}, ${workers === 1 ? '1 worker' : `${workers} workers`}, ${backend}`],
  ],
})}

Written to ${folder}: density.png, curves.png, samples.csv, metrics.jsonl, config.json, checkpoint.safetensors
Find odd rows: impflow score ${folder} DATA    Draw new rows: impflow sample ${folder}    More: impflow evaluate ${folder}`;
};

const unsolvedLines = ({ unsolved }: Evaluation['heldOut']): readonly (readonly string[])[] =>
  unsolved === 0 ? [] : [['rows without a density, because the solver failed', number(unsolved)]];

/** Returns what may help a model that is not clearly better than all simpler densities. */
const advice = (report: Report, { stoppedEarly, length, choseRate }: TrainingCourse): readonly string[] => {
  if (!hasRival(report)) return [];
  const { base, bestStep } = report;
  const options = [
    ...(stoppedEarly ? [] : [`more ${length}`]),
    ...(base === 'fitted' || length === '--seconds' ? [] : ['--base fitted, which begins as the mixture']),
    ...(choseRate && bestStep === 0 ? ['a smaller --lr'] : []),
  ];
  return options.length === 0 ? [] : [`Try ${options.join(', or ')}.`];
};

const overfitText = ({ bestStep, steps }: Report, { isOverfit, length }: TrainingCourse): readonly string[] =>
  isOverfit
    ? [
        `${bestStep === 0 ? 'The start is kept: all' : `Step ${number(bestStep)} of ${number(steps)} is kept: later`} steps overfit, so more rows would help more than more ${length.slice(2)}.`,
      ]
    : [];

/** What {@link evaluationText} prints beside the evaluation. */
interface EvaluationWords {
  /** Name of the model: see `modelName`. */
  readonly won: string;
  /** Whether the rows are the test rows of the run. */
  readonly isTest: boolean;
  /** Report of the training, whose rivals are shown beside the model. Default: the model is shown alone. */
  readonly report?: Report;
  /** The text of `--solver`. Default: none. */
  readonly solver?: string | undefined;
}

/** Returns the text that `evaluate` prints for a table. */
export const evaluationText = (
  { source, heldOut, calibration }: Evaluation,
  { won, isTest, report, solver }: EvaluationWords,
): string => {
  const unsolved = unsolvedLines(heldOut);
  const rows = heldOut.rows + heldOut.unsolved;
  const calibrated = calibrationVerdict(calibration, rows);
  return [
    `${won}\n${source}`,
    ...(report === undefined
      ? [
          `${table({
            head: [lossHead(heldOut, isTest ? 'test row' : 'row'), 'nats per row'],
            rows: [[won, lossText(heldOut)]],
          })}\n${MEANING}`,
          ...(calibrated === '' ? [] : [wrapped(`The model is alone in this table. ${calibrated}`)]),
        ]
      : [lossesText({ ...report, won, heldOut }), wrapped(`${verdict({ ...report, heldOut })} ${calibrated}`.trim())]),
    ...(unsolved.length === 0 ? [] : [table({ rows: unsolved })]),
    ...(calibration.length === 0 ? [] : [calibrationText(calibration, rows)]),
    ...(solver === undefined ? [] : [solver]),
  ].join('\n\n');
};
