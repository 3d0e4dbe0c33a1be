import { randomUUID } from 'node:crypto';
import { appendFile, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FlowError, writeAtomically } from '@impflow/core';
import { assertWritable, makeAll } from '../run-folder/folder.ts';
import type { WrittenPart } from './task.ts';

/** Part of a manifest. */
export type ManifestPart<Result extends WrittenPart> = Result & {
  /** Name of the file in the folder. */
  readonly file: string;
};

/** What a folder of parts holds. Written last: a folder with a manifest is complete. */
export interface Manifest<Result extends WrittenPart> {
  /** What the parts are of: see {@link openJobFolder}. */
  readonly job: object;
  readonly rows: number;
  readonly parts: readonly ManifestPart<Result>[];
}

/** The folder of a job. */
export interface JobFolder<Result extends WrittenPart> {
  /**
   * Name of this job, until its folder is complete: a call that goes on has the same. A queue keeps results by task, so
   * that without it a job into a deleted folder would find results and no files.
   */
  readonly id: string;
  /** Results of the parts that the folder holds already, by their numbers. */
  readonly done: ReadonlyMap<number, Result>;
  /** Records the result of a part whose file was written. */
  record(part: number, result: Result): Promise<void>;
  /** Writes the manifest. The job is then complete. */
  finish(parts: readonly ManifestPart<Result>[]): Promise<Manifest<Result>>;
}

const MANIFEST = 'manifest.json';
const JOB = 'job.json';
const RESULTS = 'results.jsonl';
const PART = /^part-\d+\.(csv|npy|parquet)$/;

/** Name of the file of a part, such as `part-00017.csv`. */
export const partName = (part: number, extension: string): string =>
  `part-${String(part).padStart(5, '0')}${extension}`;

/**
 * Opens the folder of a job whose parts are files. A job that was ended goes on: parts whose results are recorded and
 * whose files have their size are done. A complete folder is a job with all parts done.
 *
 * @param job What the parts depend on, as JSON: the same job writes the same bytes.
 * @throws `input` for a folder with other files, or with parts of another job (unless `replace`, which deletes them).
 */
export const openJobFolder = async <Result extends WrittenPart>(
  folder: string,
  job: object,
  { replace = false, nameOf }: { readonly replace?: boolean; readonly nameOf: (part: number) => string },
): Promise<JobFolder<Result>> => {
  await assertWritable(folder);
  await makeAll(folder);
  const [manifest, begun, results] = [MANIFEST, JOB, RESULTS].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const names = await readdir(folder);
  const foreign = names.filter(
    (name) => !PART.test(name) && ![MANIFEST, JOB, RESULTS].includes(name) && !isTemporary(name),
  );
  if (foreign.length > 0)
    throw new FlowError('input', 'cli', `${folder} holds other files`, {
      expected: 'a new or empty folder, or one of this job',
      got: foreign.slice(0, 3).join(', '),
      hint: 'Choose another --out.',
    });
  const before = await jsonOf<{ readonly id: string; readonly job: object }>(begun);
  const written = (await jsonOf<Manifest<Result>>(manifest))?.job ?? before?.job;
  const isSame = JSON.stringify(written) === JSON.stringify(job);
  if (!isSame && written !== undefined && !replace)
    throw new FlowError('input', 'cli', `${folder} holds parts of another job`, {
      expected: 'a new folder, or the same run, data and options',
      got: 'others',
      hint: 'Choose another --out, or replace them with --force.',
    });
  if (!isSame) for (const name of names) await rm(join(folder, name), { force: true });
  const done = isSame ? await doneParts<Result>(folder, { manifest, results, nameOf }) : new Map<number, Result>();
  const id = (isSame ? before?.id : undefined) ?? randomUUID();
  await writeAtomically(begun, encoded({ id, job }), 'cli');
  return {
    id,
    done,
    record: (part, result) => appendFile(results, `${JSON.stringify({ part, result })}\n`),
    finish: async (parts) => {
      const whole = { job, rows: parts.reduce((sum, { rows }) => sum + rows, 0), parts };
      await writeAtomically(manifest, manifestText(whole), 'cli');
      // Killed workers leave temporary files behind.
      const temporary = (await readdir(folder)).filter(isTemporary).map((name) => join(folder, name));
      for (const file of [begun, results, ...temporary]) await rm(file, { force: true });
      return whole;
    },
  };
};

/** Temporary files of `writeAtomically` that a killed process left behind. */
const isTemporary = (name: string): boolean => /^\.part-.*\.tmp$|^\.(manifest|job)\.json.*\.tmp$/.test(name);

const doneParts = async <Result extends WrittenPart>(
  folder: string,
  {
    manifest,
    results,
    nameOf,
  }: { readonly manifest: string; readonly results: string; readonly nameOf: (part: number) => string },
): Promise<ReadonlyMap<number, Result>> => {
  // A folder has both if it was complete, and parts of it were deleted.
  const recorded = [
    ...((await jsonOf<Manifest<Result>>(manifest))?.parts ?? []).map(({ file: _file, ...result }, part) => ({
      part,
      result: result as unknown as Result,
    })),
    ...(await linesOf<{ readonly part: number; readonly result: Result }>(results)),
  ];
  const done = new Map<number, Result>();
  for (const { part, result } of recorded) {
    const info = await stat(join(folder, nameOf(part))).catch(() => undefined);
    if (info?.size === result.bytes) done.set(part, result);
  }
  return done;
};

const jsonOf = async <T>(path: string): Promise<T | undefined> => {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new FlowError('input', 'cli', `${path} is damaged`, {
      expected: 'JSON that this program wrote',
      got: 'another text',
      hint: 'Choose another --out, or delete that folder.',
      cause,
    });
  }
};

/** The whole lines of a file. The last one may have been cut off when its process was killed. */
const linesOf = async <T>(path: string): Promise<readonly T[]> => {
  const text = await readFile(path, 'utf8').catch(() => '');
  const end = text.lastIndexOf('\n') + 1;
  // What was cut off must not become the beginning of the next line.
  if (end < text.length) await writeFile(path, text.slice(0, end));
  return text
    .slice(0, end)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
};

const encoded = (value: object): Uint8Array => new TextEncoder().encode(`${JSON.stringify(value)}\n`);

/** A manifest with a line for each part: there may be thousands. */
const manifestText = ({ job, rows, parts }: Manifest<WrittenPart>): Uint8Array =>
  new TextEncoder().encode(
    `{"job": ${JSON.stringify(job)},\n"rows": ${rows},\n"parts": [\n${parts.map((part) => JSON.stringify(part)).join(',\n')}\n]}\n`,
  );
