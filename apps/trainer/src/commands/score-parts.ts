import { readdir, stat } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { FlowError } from '@impflow/core';
import { readableExtensions, tableParts, type PartsOptions as TablePartsOptions } from '@impflow/tables';
import { isUrl, localRun } from '../checkpoint/local-run.ts';
import { dataNames } from '../dataset/source.ts';
import type { ScoreOptions } from '../kinds/run-commands.ts';
import { SCORE_HEADS, scoreNames } from '../kinds/scores/score-columns.ts';
import { scoreRemarks } from '../kinds/scores/score-remarks.ts';
import { columnsOfRun } from '../tasks/columns-of-run.ts';
import type { Manifest } from '../tasks/job-folder.ts';
import { joinParts } from '../tasks/join-parts.ts';
import { checkpointHash } from '../tasks/loaded-runs.ts';
import { partScoresAnswer, totalCounts } from '../tasks/part-scores-answer.ts';
import { partsInto } from '../tasks/parts-into.ts';
import { extensionOf, isFolder, partsTarget, removeParts } from '../tasks/parts-target.ts';
import type { ScoredPart, ScoreTask } from '../tasks/task.ts';
import { note, printResult } from '../terminal/output.ts';

/** A file of at least this size is scored in parts: a smaller one needs little memory. */
const LARGE_BYTES = 2 ** 26;

/**
 * Whether a table is scored in parts: if its scores go to a folder or through a queue, if processes were asked for, and
 * if it is large, a folder, a pattern or an address.
 */
export const isScoredInParts = async (data: string, { out, queue, workers, share }: ScoreOptions): Promise<boolean> => {
  if (dataNames().includes(data)) return false;
  if (queue !== undefined || workers !== undefined || share !== undefined || isUrl(data) || data.includes('*'))
    return true;
  const found = await stat(data).catch(() => undefined);
  if (found?.isDirectory() === true) return holdsTables(data);
  return found !== undefined && (found.size >= LARGE_BYTES || (out !== undefined && (await isFolder(out))));
};

/** A folder of images has none. */
const holdsTables = async (folder: string): Promise<boolean> =>
  (await readdir(folder)).some((name) => readableExtensions.includes(extname(name).toLowerCase()));

/**
 * Scores a table of any size in parts, on all cores or through a queue: into a folder of parts with a manifest, or into
 * one file. A call that was ended goes on where it was. Returns the exit code.
 *
 * @throws `option` for `--explain`; `input` for a folder with parts of another job.
 */
export const scoreInParts = async (
  run: string,
  data: string,
  options: ScoreOptions,
  signal: AbortSignal,
): Promise<number> => {
  if (options.explain === true)
    throw new FlowError('option', 'cli', '--explain needs all rows at once', {
      expected: 'a file of less than 64 MiB, without --queue and --workers',
      got: data,
      hint: 'Explain the least likely rows: copy them into a file of their own.',
    });
  const local = await localRun(run);
  const [names, checkpoint] = await Promise.all([columnsOfRun(local.path), checkpointHash(local.path)]);
  await local.remove();
  const whole = await tableParts(isUrl(data) ? data : resolve(data), tableOptions(options));
  for (const remark of whole.remarks) note(options, remark);
  const target = await partsTarget(options);
  const common = {
    kind: 'score',
    run: isUrl(run) ? run : resolve(run),
    checkpoint,
    ...(names.every((name) => whole.columns.includes(name)) ? { columns: names } : {}),
    ...(options.logdet === undefined ? {} : { logdet: options.logdet }),
    ...(options.alarm === undefined ? {} : { alarm: options.alarm }),
    ...(options.backend === undefined ? {} : { backend: options.backend }),
  } as const;
  const end = await partsInto<ScoreTask>(target, options, {
    signal,
    job: { ...common, data: whole.parts },
    tasks: whole.parts.map((part): Omit<ScoreTask, 'out' | 'job'> => ({ ...common, part })),
    sizes: whole.parts.map(({ rows }) => rows),
    done: 'Scored',
    extension: extensionOf(target, options, whole.parts[0]?.kind === 'parquet' ? 'parquet' : 'csv'),
  });
  const { manifest } = end;
  if (manifest === undefined) return end.exitCode;
  for (const remark of [...partRemarks(manifest), ...scoreRemarks(totalCounts(manifest))]) note(options, remark);
  if (target.file !== undefined)
    await joinParts(target, manifest, {
      names: [...SCORE_HEADS.map(({ name }) => name), 'alarm'],
      kept: keptScores(manifest),
    });
  await removeParts(target);
  const answer = partScoresAnswer(data, manifest, { ...target, out: options.out });
  printResult(options, answer.json, answer.text);
  return 0;
};

/** Reading options of a text file. */
const tableOptions = ({ header, separator, decimal, partRows, partBytes }: ScoreOptions): TablePartsOptions => ({
  ...(partBytes === undefined ? {} : { partBytes }),
  ...(partRows === undefined ? {} : { partRows }),
  ...(header === undefined ? {} : { header: header === 'yes' }),
  ...(separator === undefined ? {} : { separator }),
  ...(decimal === undefined ? {} : { decimal }),
});

/** Remarks that are shown. Those of many parts differ in their counts alone. */
const MOST_REMARKS = 5;

const partRemarks = ({ parts }: Manifest<ScoredPart>): readonly string[] => {
  const all = [...new Set(parts.flatMap(({ remarks }) => remarks))];
  if (all.length <= MOST_REMARKS) return all;
  return [...all.slice(0, MOST_REMARKS), `${all.length - MOST_REMARKS} further remarks are in the manifest.`];
};

/** The columns of scores that one file keeps: those that `score` writes for a small file. */
const keptScores = ({ parts }: Manifest<ScoredPart>): readonly string[] => [
  ...scoreNames({
    estimated: parts.some(({ estimated }) => estimated),
    haveGaps: parts.some(({ withGaps }) => withGaps > 0),
  }),
  ...(parts.some(({ flagged }) => flagged !== undefined) ? ['alarm'] : []),
];
