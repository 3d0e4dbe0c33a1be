import { randomUUID } from 'node:crypto';
import { appendFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileBytes, FlowError, writeAtomically } from '@impflow/core';
import { assertWritable, makeAll } from '../folder/make-folder.ts';
import type { WrittenPart } from '../tasks/task.ts';

/** One part in a manifest. */
type ManifestPart<Result extends WrittenPart> = Result & {
  /** Name of the file of the part. */
  readonly file: string;
};

/**
 * Contents of `manifest.json` in a folder of parts. The manifest is written last, so a folder with a manifest is
 * complete.
 */
export interface Manifest<Result extends WrittenPart> {
  /** Everything that determines the contents of the parts: see {@link openJobFolder}. */
  readonly job: object;
  readonly rows: number;
  readonly parts: readonly ManifestPart<Result>[];
}

/** The folder into which the parts of a job are written. */
export interface JobFolder<Result extends WrittenPart> {
  /**
   * Name of this job until its folder is complete. A call that continues the job gets the same name. The name is part
   * of each task, because a queue keeps the result of a task. Without the name, a new job could get stored results of
   * an equal job whose folder was deleted. The files of these results would be missing.
   */
  readonly id: string;
  /** Results of the parts whose files are already in the folder, by part number. */
  readonly done: ReadonlyMap<number, Result>;
  /** Records the result of a part whose file was written. */
  record(part: number, result: Result): Promise<void>;
  /**
   * Writes the manifest if each of the `count` parts has a result, from this process or another process of the job. The
   * job is then complete.
   */
  finish(count: number): Promise<Manifest<Result> | undefined>;
}

const MANIFEST = 'manifest.json';
const JOB = 'job.json';
/** Names of the files with the results that one process of a job has recorded. */
const RESULTS = /^results-\d+\.jsonl$/;
const PART = /^part-\d+\.(csv|npy|parquet)$/;

/** Returns the name of the file of a part, such as `part-00017.csv`. */
export const partName = (part: number, extension: string): string =>
  `part-${String(part).padStart(5, '0')}${extension}`;

/** Options of {@link openJobFolder}. */
interface JobFolderOptions {
  /** Whether to delete the parts of another job in the folder. Default: parts of another job cause an error. */
  readonly replace?: boolean;
  /** Returns the name of the file of a part. */
  readonly nameOf: (part: number) => string;
  /** Index of this process among the processes that share the job. Default 0. */
  readonly share?: number;
}

/**
 * Opens the folder of a job whose parts are files. An interrupted job continues: a part is done if its result is
 * recorded and its file has the recorded size. When all parts are done, `finish` writes the
 * manifest, and the folder is complete.
 *
 * @param job Everything that determines the contents of the parts, as JSON. Two jobs with equal JSON write the same
 * bytes.
 * @throws `input` for a folder with other files, or with parts of another job (with `replace`, these parts are deleted
 * instead).
 */
export const openJobFolder = async <Result extends WrittenPart>(
  folder: string,
  job: object,
  { replace = false, nameOf, share = 0 }: JobFolderOptions,
): Promise<JobFolder<Result>> => {
  await assertWritable(folder);
  await makeAll(folder);
  const [manifest, begun] = [join(folder, MANIFEST), join(folder, JOB)];
  const results = join(folder, `results-${share}.jsonl`);
  const names = await readdir(folder);
  const before = await jsonOf<{ readonly id: string; readonly job: object }>(begun);
  const written = (await jsonOf<Manifest<Result>>(manifest))?.job ?? before?.job;
  // A job describes itself in the folder before it writes a part. In a folder without a description, files with the
  // names of a job belong to somebody else.
  const isOwn = (name: string): boolean =>
    isTemporary(name) ||
    (written !== undefined && (PART.test(name) || RESULTS.test(name) || name === MANIFEST || name === JOB));
  const foreign = names.filter((name) => !isOwn(name));
  if (foreign.length > 0)
    throw new FlowError('input', 'jobs/openJobFolder', `${folder} holds other files`, {
      expected: 'a new or empty folder, or the folder of this job',
      got: foreign.slice(0, 3).join(', '),
      hint: 'Choose another folder.',
    });
  const isSame = JSON.stringify(written) === JSON.stringify(job);
  if (!isSame && written !== undefined && !replace)
    throw new FlowError('input', 'jobs/openJobFolder', `${folder} holds parts of another job`, {
      expected: 'a new folder, or the same model, data and options',
      got: 'others',
      hint: 'Choose another folder, or replace the parts with the option force.',
    });
  if (!isSame) for (const name of names) await rm(join(folder, name), { force: true });
  const done = isSame ? await doneParts<Result>(folder, nameOf) : new Map<number, Result>();
  const id = (isSame ? before?.id : undefined) ?? randomUUID();
  await writeAtomically(begun, encoded({ id, job }), 'jobs/openJobFolder');
  await trimmed(results);
  return {
    id,
    done,
    record: (part, result) => appendFile(results, `${JSON.stringify({ part, result })}\n`),
    finish: async (count) => {
      const all = await doneParts<Result>(folder, nameOf);
      if (all.size < count) return undefined;
      const parts = Array.from({ length: count }, (_, part) => ({ file: nameOf(part), ...all.get(part)! }));
      const whole = { job, rows: parts.reduce((sum, { rows }) => sum + rows, 0), parts };
      await writeAtomically(manifest, manifestText(whole), 'jobs/openJobFolder');
      // Killed workers leave temporary files behind.
      const others = (await readdir(folder)).filter((name) => name === JOB || RESULTS.test(name) || isTemporary(name));
      for (const name of others) await rm(join(folder, name), { force: true });
      return whole;
    },
  };
};

/** Whether a file is a temporary file of `writeAtomically`, which a killed process has left behind. */
const isTemporary = (name: string): boolean => /^\.part-.*\.tmp$|^\.(manifest|job)\.json.*\.tmp$/.test(name);

/** Returns the results of the parts whose files exist and have the recorded size. */
const doneParts = async <Result extends WrittenPart>(
  folder: string,
  nameOf: (part: number) => string,
): Promise<ReadonlyMap<number, Result>> => {
  const files = (await readdir(folder)).filter((name) => RESULTS.test(name));
  const recorded = (await Promise.all(files.map((name) => linesOf<Recorded<Result>>(join(folder, name))))).flat();
  // The manifest is read after the result files, because the process that writes the manifest then deletes the result
  // files. A folder has a manifest and result files if it was complete and some of its parts were deleted later.
  const listed = ((await jsonOf<Manifest<Result>>(join(folder, MANIFEST)))?.parts ?? []).map(
    ({ file: _file, ...result }, part) => ({ part, result: result as unknown as Result }),
  );
  const done = new Map<number, Result>();
  for (const { part, result } of [...listed, ...recorded]) {
    const info = await stat(join(folder, nameOf(part))).catch(() => undefined);
    if (info?.size === result.bytes) done.set(part, result);
  }
  return done;
};

interface Recorded<Result> {
  readonly part: number;
  readonly result: Result;
}

const jsonOf = async <T>(path: string): Promise<T | undefined> => {
  const bytes = await fileBytes('jobs/openJobFolder', path).catch(() => undefined);
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8')) as T;
  } catch (cause) {
    throw new FlowError('input', 'jobs/openJobFolder', `${path} is damaged`, {
      expected: 'JSON that this program wrote',
      got: 'another text',
      hint: 'Choose another folder, or delete this folder.',
      cause,
    });
  }
};

/**
 * Returns the complete lines of a file as one string. The last line is incomplete if the process that wrote it was
 * killed.
 */
const wholeLines = async (path: string): Promise<{ readonly lines: string; readonly isCut: boolean }> => {
  const text = await fileBytes('jobs/openJobFolder', path).then(
    (bytes) => bytes.toString('utf8'),
    () => '',
  );
  const end = text.lastIndexOf('\n') + 1;
  return { lines: text.slice(0, end), isCut: end < text.length };
};

const linesOf = async <T>(path: string): Promise<readonly T[]> =>
  (await wholeLines(path)).lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);

/** Removes an incomplete last line, so that it does not become the beginning of the next line. */
const trimmed = async (path: string): Promise<void> => {
  const { lines, isCut } = await wholeLines(path);
  if (isCut) await writeFile(path, lines);
};

const encoded = (value: object): Uint8Array => new TextEncoder().encode(`${JSON.stringify(value)}\n`);

/** Writes a manifest with one line per part, because there may be thousands of parts. */
const manifestText = ({ job, rows, parts }: Manifest<WrittenPart>): Uint8Array =>
  new TextEncoder().encode(
    `{"job": ${JSON.stringify(job)},\n"rows": ${rows},\n"parts": [\n${parts.map((part) => JSON.stringify(part)).join(',\n')}\n]}\n`,
  );
