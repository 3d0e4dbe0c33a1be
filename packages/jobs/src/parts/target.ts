import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { FlowError } from '@impflow/core';
import { assertNewFile } from '../folder/new-file.ts';
import type { TableJobOptions } from './options.ts';

/** Where the parts of a job are written. */
export interface PartsTarget {
  /** Absolute path of the folder of the parts. */
  readonly folder: string;
  /** The one file that the parts are joined into; undefined if the target is the folder of parts. */
  readonly file?: string;
  /** Whether the folder is deleted at the end. */
  readonly isTemporary: boolean;
}

/** Whether a place names a folder, which is so if it has no extension, ends in a slash, or is an existing folder. */
export const isFolder = async (out: string): Promise<boolean> =>
  extname(out) === '' ||
  /[/\\]$/.test(out) ||
  (await stat(out).then(
    (info) => info.isDirectory(),
    () => false,
  ));

/**
 * The target of a job: a folder of parts, or one file. Until the file is complete, its parts are in a hidden folder
 * beside it, where a continued job finds them.
 *
 * @throws `option` for a share without a folder; `input` for a file that exists.
 */
export const partsTarget = async ({
  out,
  force,
  share,
}: Pick<TableJobOptions, 'out' | 'force' | 'share'>): Promise<PartsTarget> => {
  if (out !== undefined && (await isFolder(out))) return { folder: resolve(out), isTemporary: false };
  if (share !== undefined)
    throw new FlowError('option', 'jobs/parts', 'The option share needs a folder for its parts', {
      expected: 'the option out with a folder that all shares reach',
      got: out ?? 'none',
      hint: 'For example scores/.',
    });
  if (out === undefined) return { folder: await mkdtemp(join(tmpdir(), 'impflow-parts-')), isTemporary: true };
  await assertNewFile(out, force);
  return { folder: join(dirname(resolve(out)), `.${basename(out)}.parts`), file: out, isTemporary: true };
};

/** Deletes a temporary folder of parts. */
export const removeParts = async ({ folder, isTemporary }: PartsTarget): Promise<void> => {
  if (isTemporary) await rm(folder, { recursive: true, force: true });
};
