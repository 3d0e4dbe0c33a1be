import { assertRecord } from '@impflow/core';
import { tableParts, type PartsOptions } from '@impflow/tables';
import { tableSpecOf } from 'impflow/run';
import { assertNotInput } from '../folder/not-input.ts';
import { leastLikelyFirst } from '../scores/least-likely.ts';
import { SCORE_HEADS, scoreNames } from '../scores/score-columns.ts';
import { scoreRemarks, type ScoreCounts } from '../scores/score-remarks.ts';
import type { LowRow, ScoredPart, ScoreTask } from '../tasks/task.ts';
import type { Manifest } from './job-folder.ts';
import { joinParts } from './join-parts.ts';
import type { TableJobOptions } from './options.ts';
import { absolute, readRun } from './read-run.ts';
import { runParts } from './run-parts.ts';
import { partsTarget, removeParts } from './target.ts';

/** Options of {@link scoreTable}: how parts are run, how large the parts are, and how the table is read. */
export interface ScoreTableOptions extends TableJobOptions, PartsOptions {
  /** Estimator of the log-determinants, such as `exact`. Default: the estimator of the model. */
  readonly logdet?: string;
  /**
   * Accepted rate of false alarms, between 0 and 1. Rows whose p-value is at most this rate are flagged. Default: no
   * rows are flagged.
   */
  readonly alarm?: number;
}

/** Result of {@link scoreTable}. */
export interface ScoredTable extends ScoreCounts {
  /** Number of files in the folder. Absent if the output is a single file, or if there is no output. */
  readonly parts?: number;
  /**
   * The least likely rows of the whole table (at most ten), the least likely first. Rows without a log-density come
   * last.
   */
  readonly lowest: readonly LowRow[];
  /** Number of flagged rows. Absent without the option `alarm`. */
  readonly flagged?: number;
}

/** Number of least likely rows in the result. */
const LOWEST = 10;
/**
 * Maximum number of remarks that are reported. There is a limit, because the parts of a table have nearly equal remarks
 * that differ in their counts.
 */
const MOST_REMARKS = 5;

/**
 * Scores a table of any size in parts: into one file, or into a folder with a file for each part and a `manifest.json`.
 * The scores do not depend on the division into parts. A repeated call continues an interrupted call. Returns undefined
 * if other processes of the job have not computed their parts yet.
 *
 * @param run Path or URL of the folder of a model on a table.
 * @param data A file, a folder, a pattern such as `data/day-*.csv`, or a URL: see `tableParts`.
 * @throws `input` for a table that cannot be read, an output that would replace a file of the table, or a folder of
 * another job; `option` for wrong options; the first error of a part; the reason of the abort signal.
 */
export const scoreTable = async (
  run: string,
  data: string,
  options: ScoreTableOptions,
): Promise<ScoredTable | undefined> => {
  assertRecord('jobs/scoreTable', 'options', options);
  const { logdet, alarm, backend, format, onEvent = () => {} } = options;
  const { checkpoint, sha256, source } = await readRun(run);
  const names = tableSpecOf(checkpoint, source).columns.map(({ name }) => name);
  const whole = await tableParts(absolute(data), options);
  const remark = (text: string): void => onEvent({ kind: 'remark', text });
  whole.remarks.forEach(remark);
  await assertNotInput(options.out, whole.files);
  const target = await partsTarget(options);
  await assertNotInput(target.folder, whole.files);
  const common = {
    kind: 'score',
    run: absolute(run),
    checkpoint: sha256,
    ...(names.every((name) => whole.columns.includes(name)) ? { columns: names } : {}),
    ...(logdet === undefined ? {} : { logdet }),
    ...(alarm === undefined ? {} : { alarm }),
    ...(backend === undefined ? {} : { backend }),
  } as const;
  const usual = whole.parts[0]?.kind === 'parquet' ? 'parquet' : 'csv';
  const job = {
    job: { ...common, data: whole.parts },
    tasks: whole.parts.map((part): Omit<ScoreTask, 'out' | 'job'> => ({ ...common, part })),
    sizes: whole.parts.map(({ rows }) => rows),
    // The columns of scores contain only numbers, so the parts of a single file are written in the fastest format.
    extension: `.${target.isTemporary ? 'npy' : (format ?? usual)}`,
  };
  const manifest = await runParts<ScoreTask>(target, job, options);
  if (manifest === undefined) return undefined;
  const counts = totalCounts(manifest);
  [...partRemarks(manifest), ...scoreRemarks(counts)].forEach(remark);
  const flagged = flaggedOf(manifest);
  if (target.file !== undefined)
    await joinParts(target, manifest, {
      names: [...SCORE_HEADS.map(({ name }) => name), 'alarm'],
      kept: [
        ...scoreNames({ estimated: counts.estimated, haveGaps: counts.withGaps > 0 }),
        ...(flagged === undefined ? [] : ['alarm']),
      ],
    });
  await removeParts(target);
  return {
    ...counts,
    lowest: lowestOf(manifest),
    ...(target.isTemporary ? {} : { parts: manifest.parts.length }),
    ...(flagged === undefined ? {} : { flagged }),
  };
};

/** Sums the row counts of all parts. */
const totalCounts = ({ rows, parts }: Manifest<ScoredPart>): ScoreCounts => {
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

const partRemarks = ({ parts }: Manifest<ScoredPart>): readonly string[] => {
  const all = [...new Set(parts.flatMap(({ remarks }) => remarks))];
  if (all.length <= MOST_REMARKS) return all;
  return [...all.slice(0, MOST_REMARKS), `There are ${all.length - MOST_REMARKS} more remarks on parts of the table.`];
};

const flaggedOf = ({ parts }: Manifest<ScoredPart>): number | undefined =>
  parts.some(({ flagged }) => flagged !== undefined)
    ? parts.reduce((sum, { flagged = 0 }) => sum + flagged, 0)
    : undefined;

/** Returns the least likely rows of all parts, with their row numbers in the whole table. */
const lowestOf = ({ parts }: Manifest<ScoredPart>): readonly LowRow[] => {
  let first = 0;
  const all = parts.flatMap(({ lowest, rows }) => {
    const from = first;
    first += rows;
    return lowest.map(({ row, scores }) => ({ row: from + row, scores }));
  });
  return leastLikelyFirst(all.map(({ scores }) => scoreNumber(scores['log_density']) ?? NaN))
    .slice(0, LOWEST)
    .map((i) => all[i]!);
};

/** Converts a score of a {@link LowRow} to a number. JSON stores infinities as strings. */
export const scoreNumber = (score: number | string | null | undefined): number | undefined =>
  score === null || score === undefined ? undefined : Number(score);
