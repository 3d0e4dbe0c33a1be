import { assertRecord } from '@impflow/core';
import { tableSpecOf } from 'impflow/run';
import type { SampleTask } from '../tasks/task.ts';
import { joinParts } from './join-parts.ts';
import type { TableJobOptions } from './options.ts';
import { absolute, readRun } from './read-run.ts';
import { runParts } from './run-parts.ts';
import { partsTarget, removeParts } from './target.ts';

/** Options of {@link sampleTable}. */
export interface SampleTableOptions extends TableJobOptions {
  /** Path of the output: one file, or a folder with a file for each part. */
  readonly out: string;
  /** Seed of the rows. Default 0. */
  readonly seed?: number;
  /** Factor that scales the random noise of the base density. Default 1. */
  readonly temperature?: number;
  /** Values of the condition columns, for all rows. Required for a model with conditions. */
  readonly given?: Readonly<Record<string, string | number>>;
  /** Maximum number of rows in a part. Default 262,144. */
  readonly partRows?: number;
}

/** Result of {@link sampleTable}. */
export interface SampledTable {
  /** Number of rows. */
  readonly rows: number;
  /** Names of the columns. */
  readonly columns: readonly string[];
  /** Number of files in the folder. Absent if the output is one file. */
  readonly parts?: number;
}

/** Default of the option `partRows`. */
const PART_ROWS = 2 ** 18;

/**
 * Draws any number of rows in parts: into one file, or into a folder with a file for each part and a `manifest.json`.
 * The rows do not depend on the division into parts. A repeated call continues an interrupted call. Returns undefined
 * if other processes of the job have not computed their parts yet.
 *
 * @param run Path or URL of the folder of a model on a table.
 * @throws the errors of `scoreTable`.
 */
export const sampleTable = async (
  run: string,
  count: number,
  options: SampleTableOptions,
): Promise<SampledTable | undefined> => {
  assertRecord('jobs/sampleTable', 'options', options);
  const { seed = 0, temperature = 1, given, partRows = PART_ROWS, backend, format = 'parquet' } = options;
  const { checkpoint, sha256, source } = await readRun(run);
  const { columns } = tableSpecOf(checkpoint, source);
  const target = await partsTarget(options);
  const common = {
    kind: 'sample',
    run: absolute(run),
    checkpoint: sha256,
    seed,
    temperature,
    ...(given === undefined ? {} : { given }),
    ...(backend === undefined ? {} : { backend }),
  } as const;
  const tasks = Array.from({ length: Math.ceil(count / partRows) }, (_, part): Omit<SampleTask, 'out' | 'job'> => ({
    ...common,
    first: part * partRows,
    count: Math.min(partRows, count - part * partRows),
  }));
  const job = {
    job: { ...common, n: count },
    tasks,
    sizes: tasks.map((task) => task.count),
    extension: `.${target.isTemporary ? 'parquet' : format}`,
  };
  const manifest = await runParts<SampleTask>(target, job, options);
  if (manifest === undefined) return undefined;
  const names = columns.map(({ name }) => name);
  const texts = columns.flatMap((column) =>
    column.kind === 'category' || column.date !== undefined ? [column.name] : [],
  );
  if (target.file !== undefined) await joinParts(target, manifest, { names, texts });
  await removeParts(target);
  return { rows: manifest.rows, columns: names, ...(target.isTemporary ? {} : { parts: manifest.parts.length }) };
};
