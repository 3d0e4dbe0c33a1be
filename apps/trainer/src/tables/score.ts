import { FlowError } from '@impflow/core';
import {
  assertNewFile,
  countsOf,
  scoreRemarks,
  withNamesOf,
  isListed,
  leastLikelyFirst,
  scoreColumns,
  scoreFrame,
  scoreLists,
  unconverged,
} from '@impflow/jobs';
import { readingFor, writeFrame, type ScoredRows } from '@impflow/tables';
import type { Model } from 'impflow';
import { number, openModel, scoreGiven } from 'impflow/run';
import type { Answer, ScoreOptions } from '../kinds/answer.ts';
import { note } from '../terminal/output.ts';
import { table } from '../terminal/table.ts';
import type { LoadedTable } from './loaded-table.ts';
import { cellsOf } from './rows-of.ts';
import type { Extras } from './scores/extra.ts';
import { assertExtras, extrasOf } from './scores/extras.ts';

/**
 * Scores every row of a file. A score contains `log p` given the conditions of the row, in the units of the file. It
 * also contains the percentile and the p-value of the row among held-out rows, and whether every solve converged.
 * Training adds noise to columns with repeated values. A value of such a column is scored at the middle of the interval
 * that its noise covers. The log-density of a row is therefore a density of the columns with noise. For a row with
 * gaps, the score is the log-density of its known cells, with a standard error. The score of a row does not depend on
 * its position or on other rows.
 */
export const scoreTable = async (run: LoadedTable, file: string, options: ScoreOptions): Promise<Answer> => {
  const { out, force } = options;
  if (out !== undefined) await assertNewFile(out, { force, inputs: [file] });
  const { rows: trained, registries, density } = run;
  const needing =
    options.alarm !== undefined
      ? '--alarm'
      : options.repair === true
        ? '--repair'
        : options.explain === true
          ? '--explain'
          : undefined;
  if (options.given !== undefined && needing !== undefined)
    throw new FlowError('option', 'cli', `${needing} needs scores without an event`, {
      expected: `${needing} or --given`,
      got: 'both',
      hint: 'Scores given an event have no p-values and no reasons: the held-out rows are not restricted to the event.',
    });
  assertExtras(options, trained);
  const { columns: names, categories } = readingFor(density.spec.columns);
  const frame = withNamesOf(await cellsOf(file, registries, { ...options, categories, columns: names }), names);
  for (const remark of frame.remarks ?? []) note(options, remark);
  const values = trained.read(frame);
  for (const remark of values.remarks) note(options, remark);
  const scores = options.given === undefined ? trained.scoreValues(values) : scoreGiven(trained, frame, options.given);
  assertSomeFinite(scores);
  for (const remark of scoreRemarks(countsOf(scores, trained))) note(options, remark);
  const { quantiles } = run.contents;
  const model = (): Model => openModel(run.checkpoint, { registries, source: run.paths.checkpoint, opened: run });
  const extras = await extrasOf({ trained, values, scores, source: file, frame, model }, options);
  return scoreAnswer(
    { file, scores, estimated: trained.estimated || options.given !== undefined, typical: middleOf(quantiles), extras },
    options,
  );
};

const middleOf = (quantiles: readonly number[] | undefined): number | undefined => quantiles?.[quantiles.length >> 1];

/** @throws `convergence` if there are rows without gaps, and the log-density of each of them is NaN. */
const assertSomeFinite = ({ values, gaps }: ScoredRows): void => {
  const whole = values.filter((_, row) => gaps[row] === 0);
  if (whole.length === 0 || !whole.every(Number.isNaN)) return;
  throw new FlowError('convergence', 'cli', `Log-densities are not finite in ${number(whole.length)} rows`, {
    expected: 'finite numbers',
    got: 'NaN',
    hint: 'Look for extreme values in these rows; else the training has diverged: lower --lr, or take an earlier checkpoint.',
  });
};

/** Scores of the rows of a file. */
interface FileScores {
  readonly file: string;
  readonly scores: ScoredRows;
  /** Whether log-densities are estimates. */
  readonly estimated: boolean;
  /** Median log-density of the held-out rows, or undefined if there are none. */
  readonly typical: number | undefined;
  readonly extras: Extras;
}

/** Number of rows that the terminal shows: the least likely rows. */
const SHOWN = 10;

/** Writes the scores to the file of `--out`, and reports the least likely rows. */
const scoreAnswer = async (
  { file, scores, estimated, typical, extras }: FileScores,
  { out }: ScoreOptions,
): Promise<Answer> => {
  const columns = scoreColumns(scores, estimated);
  const shown = columns.filter(isListed);
  const rows = scores.values.length;
  if (out !== undefined) await writeFrame(out, scoreFrame(file, [...columns, ...extras.columns], rows));
  const lowest = leastLikelyFirst(scores.values).slice(0, SHOWN);
  return {
    json: {
      file,
      rows,
      unconverged: unconverged(scores),
      lowest: lowest.map((row) => ({
        row: row + 1,
        ...Object.fromEntries(shown.map(({ json, numbers }) => [json, numbers[row]])),
        ...extras.jsonOf(row),
      })),
      ...extras.json,
      ...(out === undefined ? scoreLists(columns) : { out }),
    },
    text: () =>
      [
        table({
          head: ['row', ...shown.map(({ title }) => title), ...extras.head],
          rows: lowest.map((row) => [
            number(row + 1),
            ...shown.map(({ numbers }) => numbers[row]!),
            ...extras.cells(row),
          ]),
        }),
        `The ${lowest.length} least likely of ${number(rows)} rows.${typical === undefined ? '' : ` A typical row has a log density of ${number(typical)}, the median of the held-out rows.`}`,
        `All scores: ${out ?? '--out scores.csv'}`,
        ...extras.lines,
      ].join('\n'),
  };
};
