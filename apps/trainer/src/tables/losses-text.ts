import type { ColumnReport, HeldOut, Report, Rival } from 'impflow';
import { number } from 'impflow/run';
import { lossText } from '../terminal/loss-text.ts';
import { table } from '../terminal/table.ts';
import { wrapped } from '../terminal/wrapped.ts';

/** The results on the test rows of which {@link lossesText} and {@link verdict} speak. */
type Results = Pick<Report, 'won' | 'heldOut' | 'rivals' | 'bestStep' | 'spread' | 'entropy'> &
  Partial<Pick<Report, 'columns'>>;

/** Rounding error of float32, in nats per row. Smaller differences of losses are not differences of densities. */
const ROUNDING = 1e-3;
/** Number of characters of a line of the table for the name of a density. */
const NAME = 66;

/** Returns the names of the conditions among the columns of a model. */
export const givenNames = (columns: readonly Pick<ColumnReport, 'name' | 'given'>[]): readonly string[] =>
  columns.filter(({ given }) => given).map(({ name }) => name);

/** Largest number of conditions that {@link lossHead} names. */
const NAMED = 3;

/**
 * Heading of a column of losses, such as `loss on 33 test rows`. If the density is conditional, the heading names the
 * conditions, as in `loss on 33 test rows, given species`.
 *
 * @param columns The columns of the model. Default: none is a condition.
 */
export const lossHead = (
  { rows }: HeldOut,
  kind: string,
  columns: readonly Pick<ColumnReport, 'name' | 'given'>[] = [],
): string => {
  const conditions = givenNames(columns);
  const more = conditions.length - NAMED;
  const shown = more > 1 ? [...conditions.slice(0, NAMED), `${more} more columns`] : conditions;
  return [
    `loss on ${number(rows)} ${kind}${rows === 1 ? '' : 's'}`,
    ...(conditions.length === 0 ? [] : [`given ${listed(shown)}`]),
  ].join(', ');
};

/** A density of the table of losses. `cells` are its loss and the lead of the model, as texts. */
interface LossRow {
  readonly name: string;
  readonly isModel: boolean;
  readonly nats: number;
  readonly cells: readonly string[];
}

/** Returns the losses of the model and of its rivals on the test rows, the lowest loss first. */
export const lossRows = (results: Results): readonly LossRow[] => {
  const { won, heldOut, entropy } = results;
  return [
    { name: won, isModel: true, nats: heldOut.nats, cells: [lossText(heldOut)] },
    ...namedRivals(results).map((rival) => ({
      name: rival.name,
      isModel: false,
      nats: rival.nats,
      cells: [lossText(rival), leadText(rival.lead)],
    })),
    ...(entropy === undefined
      ? []
      : [{ name: 'the distribution itself', isModel: false, nats: entropy, cells: [number(entropy, 5)] }]),
  ].toSorted((a, b) => a.nats - b.nats);
};

/** Returns a table of the losses of the model and of its rivals on the test rows, the lowest loss first. */
export const lossesText = (results: Results): string =>
  `${table({
    head: [lossHead(results.heldOut, 'test row', results.columns), 'nats per row', 'worse than > by'],
    rows: lossRows(results).flatMap(({ name, isModel, cells }) =>
      wrapped(name, NAME)
        .split('\n')
        .map((line, i) => (i === 0 ? [`${isModel ? '> ' : '  '}${line}`, ...cells] : [`    ${line}`])),
    ),
  })}\n${MEANING}`;

/**
 * Returns the rivals with the names of the table, which mark the start of the training. If no step improved the start,
 * the model is the start, perhaps widened. Without widening, the rival would be the model itself, and is left out.
 */
const namedRivals = ({ rivals, bestStep, spread = 1 }: Results): readonly Rival[] =>
  rivals.flatMap((rival) => {
    if (!rival.isStart) return [rival];
    if (bestStep > 0) return [{ ...rival, name: `${rival.name}, the start of the training` }];
    const percent = Math.round(100 * (spread - 1));
    return spread === 1 ? [] : [{ ...rival, name: `${rival.name}, before widening by ${percent} %` }];
  });

/** What a loss means, for a reader who does not know nats. */
export const MEANING = `The loss is the mean of -log(density) of the rows in nats: lower is better. ± is one standard error;
in the last column, of the difference on the same rows. A loss lower by 0.1 means a density 10 %
higher, a loss lower by 0.7 twice as high. Compare losses only on the same data and conditions.`;

const leadText = (lead: HeldOut): string => {
  if (Math.abs(lead.nats) <= ROUNDING && !(lead.standardError > ROUNDING)) return '0';
  return lead.rows < 2 ? number(lead.nats, 3) : lossText(lead);
};

/** How a simpler density compares with the model: `better` and `worse` by more than two standard errors, or `equal`. */
type Comparison = 'better' | 'equal' | 'worse';

const compared = ({ lead: { nats, standardError, rows } }: Rival): Comparison => {
  // A difference of a single row has no standard error.
  const least = rows < 2 ? Infinity : Math.max(ROUNDING, 2 * (standardError || 0));
  return nats > least ? 'worse' : nats < -least ? 'better' : 'equal';
};

/** Returns whether any density of the table is not clearly worse than the model. */
export const hasRival = (results: Results): boolean =>
  namedRivals(results).some((rival) => compared(rival) !== 'worse');

/**
 * Returns sentences that state which differences of the table are larger than two standard errors.
 *
 * @param model How the sentences name the model. Default: with its mark in the table.
 */
export const verdict = (results: Results, model: string = 'The model (>)'): string => {
  if (results.heldOut.rows < 2) return 'One test row cannot show differences.';
  const all = namedRivals(results);
  const isOnly = (wanted: Comparison): boolean => all.every((rival) => compared(rival) === wanted);
  // The second sentence is about a start that the training did not measurably improve.
  const isIdle = (rival: Rival): boolean => rival.isStart && results.bestStep > 0 && compared(rival) === 'equal';
  const namesOf = (wanted: Comparison): string =>
    listed(all.filter((rival) => !isIdle(rival) && compared(rival) === wanted).map(({ name }) => `"${name}"`));
  const [worse, equal, better] = [namesOf('worse'), namesOf('equal'), namesOf('better')];
  const parts = isOnly('worse')
    ? [`is clearly better than all other densities of the table ${CLEARLY}`]
    : isOnly('equal')
      ? [`shows no measurable difference from the other densities of the table ${NEARLY}`]
      : [
          ...(better === '' ? [] : [`is clearly worse than ${better} ${CLEARLY}`]),
          ...(worse === '' ? [] : [`is clearly better than ${worse} ${CLEARLY}`]),
          ...(equal === '' ? [] : [`shows no measurable difference from ${equal} ${NEARLY}`]),
        ];
  return [
    `${model} ${parts.join(', and ')}.`,
    ...(all.some(isIdle) ? ['The training did not measurably improve the mixture from which it started.'] : []),
    ...(isKept(results) ? ['No step of the training improved the mixture from which it started.'] : []),
    ...(isKept(results) && results.spread !== undefined && results.spread !== 1
      ? ['Widening multiplies the standard deviations of the mixture by a factor chosen on the validation rows.']
      : []),
  ].join(' ');
};

/** Returns whether the model is the mixture from which the training started. */
const isKept = ({ rivals, bestStep }: Results): boolean => bestStep === 0 && rivals.some(({ isStart }) => isStart);

const CLEARLY = '(by more than two standard errors)';
const NEARLY = '(less than two standard errors)';

/** Joins texts with commas and `and`. */
const listed = (texts: readonly string[]): string =>
  texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)!}`;
