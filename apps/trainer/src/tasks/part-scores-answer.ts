import { join } from 'node:path';
import type { Answer } from '../kinds/run-commands.ts';
import { isListed, SCORE_HEADS, scoreNames } from '../kinds/scores/score-columns.ts';
import type { ScoreCounts } from '../kinds/scores/score-remarks.ts';
import { number } from '../terminal/format.ts';
import { table } from '../terminal/table.ts';
import type { Manifest } from './job-folder.ts';
import type { PartsTarget } from './parts-target.ts';
import type { LowRow, ScoredPart } from './task.ts';

/** Rows with the least densities that the terminal shows. */
const SHOWN = 10;

/** The counts of all parts together. */
export const totalCounts = ({ rows, parts }: Manifest<ScoredPart>): ScoreCounts => {
  const total = (name: 'unconverged' | 'withGaps' | 'withoutScore'): number =>
    parts.reduce((sum, part) => sum + part[name], 0);
  return {
    rows,
    unconverged: total('unconverged'),
    withGaps: total('withGaps'),
    withoutScore: total('withoutScore'),
    hasPercentiles: parts.every(({ hasPercentiles }) => hasPercentiles),
    estimated: parts.some(({ estimated }) => estimated),
  };
};

/** Tells the least likely rows of all parts, and where all scores are. */
export const partScoresAnswer = (
  data: string,
  manifest: Manifest<ScoredPart>,
  target: PartsTarget & { readonly out?: string | undefined },
): Answer => {
  const { rows, parts } = manifest;
  const counts = totalCounts(manifest);
  const names = scoreNames({ estimated: counts.estimated, haveGaps: counts.withGaps > 0 });
  const heads = SCORE_HEADS.filter((head) => names.includes(head.name) && isListed(head));
  const lowest = lowestOf(manifest).slice(0, SHOWN);
  const flagged = parts.some((part) => part.flagged !== undefined)
    ? parts.reduce((sum, part) => sum + (part.flagged ?? 0), 0)
    : undefined;
  const { out } = target;
  return {
    json: {
      file: data,
      rows,
      ...(target.isTemporary ? {} : { parts: parts.length }),
      unconverged: counts.unconverged,
      lowest: lowest.map(({ row, scores }) => ({
        row: row + 1,
        ...Object.fromEntries(heads.map(({ name, json }) => [json, valueOf(scores[name])])),
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
            ...heads.map(({ name }) => valueOf(scores[name]) ?? NaN),
          ]),
        }),
        `The ${lowest.length} least likely of ${number(rows)} rows. All of them: ${where(manifest, target)}`,
        ...(flagged === undefined ? [] : [`${number(flagged)} of ${number(rows)} rows are flagged: column "alarm".`]),
      ].join('\n'),
  };
};

const where = (
  { parts }: Manifest<ScoredPart>,
  { out, isTemporary }: PartsTarget & { readonly out?: string | undefined },
): string => {
  if (out === undefined) return '--out with a file or a folder';
  if (isTemporary) return out;
  return `${number(parts.length)} ${parts.length === 1 ? 'file' : 'files'} in ${out}, listed in ${join(out, 'manifest.json')}`;
};

/** The least likely rows of all parts, with their places in the whole table. Rows without a log-density come last. */
const lowestOf = ({ parts }: Manifest<ScoredPart>): readonly LowRow[] => {
  let first = 0;
  const all = parts.flatMap(({ lowest, rows }) => {
    const from = first;
    first += rows;
    return lowest.map(({ row, scores }) => ({ row: from + row, scores }));
  });
  const rank = ({ scores }: LowRow): number => valueOf(scores['log_density']) ?? Infinity;
  return all.toSorted((a, b) => {
    const [one, other] = [rank(a), rank(b)];
    return one === other ? a.row - b.row : one - other;
  });
};

/** A number from JSON, which writes infinities as texts. */
const valueOf = (value: number | string | null | undefined): number | undefined =>
  value === null || value === undefined ? undefined : Number(value);
