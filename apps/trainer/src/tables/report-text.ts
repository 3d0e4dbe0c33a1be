import type { Evaluation, HeldOut, Report } from 'impflow';
import { duration, number } from 'impflow/run';
import { lossText } from '../terminal/loss-text.ts';
import { table } from '../terminal/table.ts';
import { wrapped } from '../terminal/wrapped.ts';
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
}

/** Returns the last lines that `train` prints for a table. */
export const reportText = (report: Report, folder: string, course: TrainingCourse): string => {
  const { heldOut, steps, bestStep, workers, backend, time } = report;
  return `
${lossesText(report)}

${wrapped([verdict(report), ...advice(report, course)].join(' '))}

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

/** What {@link evaluationText} prints beside the evaluation. */
interface EvaluationWords {
  /** Name of the model: see `modelName`. */
  readonly won: string;
  /** Whether the rows are the test rows of the run. */
  readonly isTest: boolean;
  /** The text of `--solver`. Default: none. */
  readonly solver?: string | undefined;
}

/** Returns the text that `evaluate` prints for a table. */
export const evaluationText = (
  { source, heldOut, calibration }: Evaluation,
  { won, isTest, solver }: EvaluationWords,
): string => {
  const bits = { ...heldOut, nats: heldOut.nats / Math.LN2, standardError: heldOut.standardError / Math.LN2 };
  return [
    `${won}\n${source}`,
    `${table({
      head: [lossHead(heldOut, isTest ? 'test row' : 'row'), 'per row'],
      rows: [['nats', lossText(heldOut)], ['bits', lossText(bits)], ...unsolvedLines(heldOut)],
    })}\n${MEANING}`,
    ...(calibration.length === 0
      ? []
      : [
          `${table({
            head: ['calibration: share of rows inside', 'the central 50 %', 'the central 90 %'],
            rows: calibration.map(({ column, inside50, inside90 }) => [column, inside50, inside90]),
            digits: 3,
          })}\nThe central 50 % and 90 % of the model's draws should contain about 0.5 and 0.9 of the rows.`,
        ]),
    ...(solver === undefined ? [] : [solver]),
  ].join('\n\n');
};
