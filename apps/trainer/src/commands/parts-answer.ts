import { join } from 'node:path';
import { isListed, SCORE_HEADS, scoreNames, scoreNumber, type ScoredTable } from '@impflow/jobs';
import { number } from 'impflow/run';
import type { Answer } from '../kinds/answer.ts';
import { table } from '../terminal/table.ts';

/**
 * Makes the result of `score` for a table that was scored in parts. The result contains the least likely rows, and the
 * path of the file or folder with all scores.
 */
export const partScoresAnswer = (data: string, scored: ScoredTable, out: string | undefined): Answer => {
  const { rows, parts, lowest, flagged, unconverged, estimated, withGaps } = scored;
  const names = scoreNames({ estimated, haveGaps: withGaps > 0 });
  const heads = SCORE_HEADS.filter((head) => names.includes(head.name) && isListed(head));
  return {
    json: {
      file: data,
      rows,
      ...(parts === undefined ? {} : { parts }),
      unconverged,
      lowest: lowest.map(({ row, scores }) => ({
        row: row + 1,
        ...Object.fromEntries(heads.map(({ name, json }) => [json, scoreNumber(scores[name])])),
      })),
      ...(flagged === undefined ? {} : { alarm: { flagged } }),
      ...(out === undefined ? {} : { out }),
    },
    text: () =>
      [
        table({
          head: ['row', ...heads.map(({ title }) => title)],
          rows: lowest.map(({ row, scores }) => [
            number(row + 1),
            ...heads.map(({ name }) => scoreNumber(scores[name]) ?? NaN),
          ]),
        }),
        `The ${lowest.length} least likely of ${number(rows)} rows. All scores: ${out === undefined ? '--out with a file or a folder' : filesText(parts, out)}`,
        ...(flagged === undefined ? [] : [`${number(flagged)} of ${number(rows)} rows are flagged: column "alarm".`]),
      ].join('\n'),
  };
};

/** Returns a text that states where rows were written: one file, or the files of a folder. */
export const filesText = (parts: number | undefined, out: string): string =>
  parts === undefined
    ? out
    : `${number(parts)} ${parts === 1 ? 'file' : 'files'} in ${out}, listed in ${join(out, 'manifest.json')}`;
