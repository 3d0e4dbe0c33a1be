import { isListed, leastLikelyFirst, scoreColumns, scoreFrame, scoreLists, unconverged } from '@impflow/jobs';
import { writeFrame, type ScoredRows } from '@impflow/tables';
import { number } from 'impflow/run';
import type { Answer, ScoreOptions } from '../../kinds/answer.ts';
import { table } from '../../terminal/table.ts';
import type { Extras } from './extras.ts';

/** Scores of the rows of a file. */
export interface FileScores {
  readonly file: string;
  readonly scores: ScoredRows;
  /** Whether log-densities are estimates. */
  readonly estimated: boolean;
  readonly extras: Extras;
}

/** Rows with the least densities that the terminal shows. */
const SHOWN = 10;

/** Writes scores to the file that was asked for, and tells the least likely rows. */
export const scoreAnswer = async (
  { file, scores, estimated, extras }: FileScores,
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
        `The ${lowest.length} least likely of ${number(rows)} rows. All of them: ${out ?? '--out scores.csv'}`,
        ...extras.lines,
      ].join('\n'),
  };
};
