import type { Evaluation, HeldOut, Report, Rival } from 'impflow';
import { duration, number } from 'impflow/run';
import { lossText } from '../terminal/loss-text.ts';
import { table } from '../terminal/table.ts';

/**
 * Rounding error of float32, in nats per row. A flow counts as better than another density only if the difference of
 * their losses is larger than this error.
 */
const ROUNDING = 1e-3;

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
  const { heldOut, rivals, steps, bestStep, won, entropy, workers, backend, time } = report;
  return `
${table({
  head: [lossHead(heldOut, 'test row'), LOSS_UNIT],
  rows: [
    [won, lossText(heldOut)],
    ...rivals.map((rival) => [rival.name, lossText(rival)]),
    ...(entropy === undefined ? [] : [['the distribution itself', number(entropy, 5)]]),
  ],
})}
${MEANING}
${judgement(report, course)}
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

/** Heading of the column of losses. */
const LOSS_UNIT = 'nats per row';
const MEANING = 'The loss is the mean of -log(density) of the rows, in nats: lower is better. ± is one standard error.';

const lossHead = ({ rows }: HeldOut, kind: string): string => `loss on ${number(rows)} ${kind}${rows === 1 ? '' : 's'}`;

const unsolvedLines = ({ unsolved }: Evaluation['heldOut']): readonly (readonly string[])[] =>
  unsolved === 0 ? [] : [['rows without a density, because the solver failed', number(unsolved)]];

/** Returns sentences about the simpler densities whose loss on the test rows is not above the loss of the model. */
const judgement = (report: Report, course: TrainingCourse): string => {
  const { heldOut, rivals, bestStep } = report;
  const [gaussian, ...others] = rivals;
  const isBeaten = (rival: Rival): boolean => !(rival.nats - heldOut.nats > ROUNDING);
  // Without an improvement by the training, the model is the fitted density itself, as the first line states.
  const best = others.filter(isBeaten).toSorted((a, b) => a.nats - b.nats)[0];
  const lines = [
    ...(heldOut.nats - gaussian!.nats > ROUNDING
      ? [`The model is worse than the ${gaussian!.name} on these rows.`]
      : []),
    ...(best !== undefined && bestStep > 0 ? [`On these rows, the flow is not better than "${best.name}".`] : []),
    ...(best !== undefined || bestStep === 0 ? advice(report, course) : []),
  ];
  return lines.length === 0 ? '' : `\n${lines.join(' ')}\n`;
};

/** Returns what may help a flow that is not better than simpler densities. */
const advice = ({ base, bestStep }: Report, { stoppedEarly, length, choseRate }: TrainingCourse): readonly string[] => {
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
