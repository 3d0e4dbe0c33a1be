import { stat } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { FlowError, unknownName } from '@impflow/core';
import { assertWritable } from './make-folder.ts';
import { assertNotInput } from './not-input.ts';

const WRITABLE = ['.csv', '.npy', '.parquet'];

/** Options of {@link assertNewFile}. */
export interface NewFileOptions {
  /** Whether an existing file may be replaced. Default: false. */
  readonly force?: boolean | undefined;
  /** File extensions that are allowed besides the extensions of tables, such as `.png`. Default: none. */
  readonly others?: readonly string[];
  /** Paths of the files that the command reads, which are never replaced. Names and addresses are ignored. Default: none. */
  readonly inputs?: readonly string[];
}

/**
 * Checks that a table can be written to `path`.
 *
 * @throws `input` for a file that exists (unless `force`), a file of `inputs`, or a missing or read-only folder; an
 * error for any other extension.
 */
export const assertNewFile = async (
  path: string,
  { force = false, others = [], inputs = [] }: NewFileOptions = {},
): Promise<void> => {
  const extension = extname(path).toLowerCase();
  const writable = [...others, ...WRITABLE];
  if (!writable.includes(extension))
    throw unknownName('jobs/newFile', `extension of the file ${path}`, extension, writable);
  const folder = dirname(resolve(path));
  await assertWritable(folder);
  if ((await stat(folder).catch(() => undefined)) === undefined) {
    throw new FlowError('input', 'jobs/newFile', `No folder for ${path}`, {
      expected: `a folder ${dirname(path)}`,
      got: 'nothing at that path',
      hint: 'Create it first.',
    });
  }
  const there = await stat(path).catch(() => undefined);
  if (there?.isDirectory() === true)
    throw new FlowError('input', 'jobs/newFile', `Cannot write ${path}`, {
      expected: 'a file',
      got: 'a folder with this name',
      hint: 'Choose another file.',
    });
  await assertNotInput(path, inputs);
  if (there !== undefined && !force)
    throw new FlowError('input', 'jobs/newFile', `${path} exists already`, {
      hint: 'Choose another file, or replace this file with the option force.',
    });
};
