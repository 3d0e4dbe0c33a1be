import { FlowError, key } from '@impflow/core';
import {
  pickValues,
  scoreRecords,
  unitsOf,
  type Frame,
  type KeepRows,
  type ScoredRows,
  type TrainedRecords,
  type Values,
} from '@impflow/tables';
import { bindGiven } from './bind-event.ts';
import { estimate, type Probability } from './estimate.ts';
import type { RowEvent } from './event.ts';
import { holds, type Predicate } from './predicate.ts';
import { DRAWS } from './probability.ts';

/** Largest number of different rows of conditions in one call: each needs its own probability of the event. */
const MOST_CONDITIONS = 100;

/**
 * Returns the event in the option `given` of a function of rows, whose cells already contain the conditions of the model.
 *
 * @throws as `bindGiven`, and `option` if a condition of the model is given.
 */
export const eventOnRows = (trained: TrainedRecords, given: RowEvent, at: string): Predicate => {
  const { conditions, event } = bindGiven(given, trained.density.spec.columns);
  if (event !== undefined && conditions === undefined) return event;
  throw new FlowError('option', at, 'Wrong value of the option given', {
    expected: 'an event on columns that are not conditions of the model',
    got: `a value of ${Object.keys(conditions ?? {}).join(', ')}`,
    hint: 'Write the conditions into the rows.',
  });
};

/** Returns the function that tells which completed copies of a row fulfil an event. */
export const keepOf =
  ({ density: { spec } }: TrainedRecords, event: Predicate): KeepRows =>
  (values) => {
    const cells = unitsOf(values, spec.columns, { noisy: true });
    return Uint8Array.from({ length: values.rows }, (_, row) => Number(holds(event, cells, row) === true));
  };

/**
 * Scores rows given an event: `log p(row | event) = log p(row) - log P(event)`, and -Infinity for a row outside of the
 * event. For a row with gaps of which the event depends, the density of the known cells and of completions that fulfil
 * the event. p-values and percentiles are NaN, because the held-out rows are not restricted to the event.
 *
 * @remarks Costs one `probability` for each different row of conditions of the model.
 * @throws as {@link eventOnRows}; `option` for more than 100 different rows of conditions; `input` for an event without
 * probability.
 */
export const scoreGiven = (trained: TrainedRecords, frame: Frame, given: RowEvent): ScoredRows => {
  const { density: model, estimated } = trained;
  const { spec } = model;
  const event = eventOnRows(trained, given, 'impflow/score');
  const values = trained.read(frame);
  // Cells of rounded columns are on their grid, as in the draws: a float32 number such as 0.1 is not above 0.1.
  const cells = unitsOf(values, spec.columns, { noisy: true });
  const scores = scoreRecords(model, values, { estimated, keep: keepOf(trained, event) });
  const probabilities = probabilitiesOf(trained, values, event);
  const none = (): Float64Array => new Float64Array(values.rows).fill(NaN);
  const [logs, errors] = [none(), none()];
  for (let row = 0; row < values.rows; row++) {
    const log = scores.values[row]!;
    const isOutside = holds(event, cells, row) === false || log === -Infinity;
    const { probability, standardError } = Number.isNaN(log) || isOutside ? CERTAIN : probabilities(row);
    logs[row] = isOutside && !Number.isNaN(log) ? -Infinity : log - Math.log(probability);
    // No completion of the gaps fulfils the event: it may be rare, and not impossible.
    const isUnknown = isOutside && holds(event, cells, row) === undefined;
    errors[row] = isUnknown ? Infinity : isOutside ? 0 : Math.hypot(scores.errors[row]!, standardError / probability);
  }
  return { ...scores, values: logs, errors, pValues: none(), percentiles: none(), remarks: values.remarks };
};

const CERTAIN = { probability: 1, standardError: 0 } as const;

/** Returns a function that returns the probability of the event under the conditions of a row. */
const probabilitiesOf = (
  { density: model }: TrainedRecords,
  values: Values,
  event: Predicate,
): ((row: number) => Pick<Probability, 'probability' | 'standardError'>) => {
  const given = model.spec.columns.flatMap((column, j) => (column.given === true ? [j] : []));
  const nameOf = (row: number): string => given.map((j) => values.columns[j]![row]!).join();
  if (new Set(Array.from({ length: values.rows }, (_, row) => nameOf(row))).size > MOST_CONDITIONS)
    throw manyConditions();
  const known = new Map<string, Probability>();
  return (row) => {
    const found = known.get(nameOf(row));
    if (found !== undefined) return found;
    const conditions = pickValues(values, Uint32Array.of(row));
    const own = estimate({ model, conditions, event, draws: DRAWS, key: key(0) });
    if (own.probability === 0) throw noProbability(own.high);
    known.set(nameOf(row), own);
    return own;
  };
};

const manyConditions = (): FlowError =>
  new FlowError('option', 'impflow/score', 'Too many different conditions for an event in the option given', {
    expected: `at most ${MOST_CONDITIONS} different rows of conditions in one call`,
    got: 'more',
    hint: 'Each row of conditions needs its own probability of the event. Score the rows in parts.',
  });

const noProbability = (high: number): FlowError =>
  new FlowError('input', 'impflow/score', 'The event in the option given is too rare', {
    expected: 'an event that some draws of the model fulfil',
    got: `none; its probability is at most ${high.toPrecision(2)}`,
    hint: 'Give a wider event.',
  });
