import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { FlowError } from '@impflow/core';
import { assertNewFile } from '../folder/new-file.ts';
import type { TableJobOptions } from './options.ts';

/** The folder or the file into which a job writes. */
export interface PartsTarget {
  /** Absolute path of the folder of the parts. */
  readonly folder: string;
  /** The single output file, into which the parts are joined; undefined if the output is a folder of parts. */
  readonly file?: string;
  /** Whether the folder is deleted at the end of the job. */
  readonly isTemporary: boolean;
}

/** Whether the path `out` is a folder: it has no extension, ends in a slash, or is an existing folder. */
export const isFolder = async (out: string): Promise<boolean> =>
  extname(out) === '' ||
  /[/\\]$/.test(out) ||
  (await stat(out).then(
    (info) => info.isDirectory(),
    () => false,
  ));

/**
 * Returns the folder for the parts of a job. If the output is one file, its parts are in a hidden folder beside the
 * file until the file is complete. A continued job finds its finished parts in this folder.
 *
 * @throws `option` for the option `share` without a folder; `input` for a file that exists.
 */
export const partsTarget = async ({
  out,
  force,
  share,
}: Pick<TableJobOptions, 'out' | 'force' | 'share'>): Promise<PartsTarget> => {
  if (out !== undefined && (await isFolder(out))) return { folder: resolve(out), isTemporary: false };
  if (share !== undefined)
    throw new FlowError('option', 'jobs/parts', 'The option share needs a folder for its parts', {
      expected: 'the option out with a folder that all processes can write to',
      got: out ?? 'none',
      hint: 'For example scores/.',
    });
  if (out === undefined) return { folder: await mkdtemp(join(tmpdir(), 'impflow-parts-')), isTemporary: true };
  await assertNewFile(out, { force });
  return { folder: join(dirname(resolve(out)), `.${basename(out)}.parts`), file: out, isTemporary: true };
};

/** Deletes the folder of parts, if it is temporary. */
export const removeParts = async ({ folder, isTemporary }: PartsTarget): Promise<void> => {
  if (isTemporary) await rm(folder, { recursive: true, force: true });
};
