import type { Evaluation, HeldOut, Report } from 'impflow';
import { duration, number } from 'impflow/run';
import { solvesTable } from '../terminal/solves-table.ts';
import { table } from '../terminal/table.ts';

/**
 * Rounding error of float32, in nats per row. A flow counts as better than the Gaussian mixture only if the difference
 * of their losses is larger than this error.
 */
const ROUNDING = 1e-3;

/**
 * Returns the log-likelihood per row with its standard error, as text. For a single row, the text states that there is
 * no standard error.
 */
export const withError = ({ nats, standardError, rows }: HeldOut): string =>
  `${number(-nats, 5)}${rows < 2 ? ', one row: no error bar' : ` ± ${number(standardError, 2)}`}`;

/** Returns the evaluation as JSON. For a single row, `standardError` is null. */
export const withErrorOrNull = <Figures extends HeldOut>(
  figures: Figures,
): Omit<Figures, 'standardError'> & { readonly standardError: number | null } => ({
  ...figures,
  standardError: figures.rows < 2 ? null : figures.standardError,
});

/** Returns the last lines that `train` prints for a table. */
export const reportText = (report: Report, folder: string): string => {
  const { heldOut, rivals, steps, bestStep, won, entropy, roundTrip, spread, workers, backend, time, lipschitz } =
    report;
  return `
${table({
  head: ['held-out log-likelihood', 'nats per row'],
  rows: [
    [`${won}, best of ${number(steps)} steps: ${number(bestStep)}`, withError(heldOut)],
    ...rivals.map((rival) => [rival.name, withError(rival)]),
    ...(entropy === undefined ? [] : [['the distribution itself', number(-entropy, 5)]]),
  ],
})}
${judgement(report)}
${table({
  rows: [
    ['held-out rows', number(heldOut.rows)],
    ...(heldOut.unsolved === 0
      ? []
      : [['held-out rows whose solves failed: they have no log-density', number(heldOut.unsolved)]]),
    ['round trip max |x - f⁻¹(f(x))|, in standard deviations', number(roundTrip, 2)],
    ...(spread === undefined || spread === 1
      ? []
      : [['factor of the standard deviations of the base, from the validation rows', `× ${number(spread, 3)}`]]),
    ...(lipschitz.layers === 0
      ? []
      : [
          [
            'Lipschitz: largest operator norm of a layer',
            `${number(lipschitz.largestNorm, 5)} (${lipschitz.layers} layers, largest norm / cap ${number(lipschitz.largestRatio, 5)})`,
          ],
        ]),
    ...(lipschitz.bound === undefined
      ? []
      : [['Lipschitz: bound of each net, by construction', number(lipschitz.bound)]]),
    ['time', `${duration(time.total)}, ${workers === 1 ? '1 worker' : `${workers} workers`}, ${backend}`],
  ],
})}

Written to ${folder}: density.png, curves.png, samples.csv, metrics.jsonl, config.json, checkpoint.safetensors`;
};

/**
 * Returns a sentence for the Gaussian and for the Gaussian mixture, if its loss on the test rows is not above the loss
 * of the model.
 */
const judgement = ({ heldOut, rivals: [gaussian, mixture], base, bestStep, won }: Report): string => {
  const beyond = (rival: HeldOut | undefined): boolean => rival === undefined || rival.nats - heldOut.nats > ROUNDING;
  const lines = [
    ...(heldOut.nats - (gaussian?.nats ?? Infinity) > ROUNDING
      ? [`The model is worse than the ${gaussian!.name} on these rows.`]
      : []),
    ...(beyond(mixture) || won === 'Gaussian mixture' ? [] : [notBetter(base, bestStep)]),
  ];
  return lines.length === 0 ? '' : `\n${lines.join('\n')}\n`;
};

const notBetter = (base: string, bestStep: number): string =>
  `The flow is not better than the Gaussian mixture on these rows.${
    base !== 'fitted'
      ? ' Try more --steps, or --base fitted, which begins as the mixture.'
      : bestStep === 0
        ? ' No step of the training was better than the mixture on the validation rows: try a smaller --lr.'
        : ''
  }`;

/** Returns the text that `evaluate` prints for a table. */
export const evaluationText = ({
  source,
  heldOut,
  estimateError,
  calibration,
  roundTrip,
  solves,
}: Evaluation): string => {
  const bits = { ...heldOut, nats: heldOut.nats / Math.LN2, standardError: heldOut.standardError / Math.LN2 };
  return `${source}: ${number(heldOut.rows)} rows

${table({
  head: ['held-out log-likelihood', 'per row'],
  rows: [
    ['nats', withError(heldOut)],
    ['bits', withError(bits)],
    ...(estimateError === undefined
      ? []
      : [['standard error of the log-determinant estimate', `± ${number(estimateError, 2)}`]]),
    ...(heldOut.unsolved === 0
      ? []
      : [['rows whose solves failed: they have no log-density', number(heldOut.unsolved)]]),
    ['round trip max |x - f⁻¹(f(x))|, in standard deviations', number(roundTrip, 2)],
  ],
})}

${table({
  head: ['calibration: share of rows inside', 'the central 50 %', 'the central 90 %'],
  rows: calibration.map(({ column, inside50, inside90 }) => [column, inside50, inside90]),
  digits: 3,
})}

${solvesTable(solves)}`;
};
