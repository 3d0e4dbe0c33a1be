import { constants } from 'node:fs';
import { access, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FlowError, assertPath } from '@impflow/core';
import { diskWords } from './disk-words.ts';

/**
 * Creates a folder and its parents. The option `recursive` of Node's `mkdir` is not used: with this option, `mkdir`
 * never returns if no folder can be created at a path, such as below `/proc`.
 */
export const makeAll = async (folder: string): Promise<void> => {
  if (
    await stat(folder).then(
      (info) => info.isDirectory(),
      () => false,
    )
  )
    return;
  if (dirname(folder) !== folder) await makeAll(dirname(folder));
  await mkdir(folder).catch(async (cause: NodeJS.ErrnoException) => {
    // Another process may have created the folder in the meantime.
    if (cause.code !== 'EEXIST' || !(await stat(folder)).isDirectory()) throw cause;
  });
};

/**
 * Checks that a folder can be created or written to.
 *
 * @throws `input` if the nearest existing parent folder cannot be written to.
 */
export const assertWritable = async (folder: string): Promise<void> => {
  assertPath('jobs/makeFolder', folder);
  const info = await stat(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' && dirname(folder) !== folder) return undefined;
    throw unwritable(folder, cause);
  });
  if (info === undefined) return assertWritable(dirname(folder));
  if (!info.isDirectory()) throw unwritable(folder, { code: 'ENOTDIR' });
  await access(folder, constants.W_OK).catch((cause: unknown) => {
    throw unwritable(folder, cause);
  });
};

/** Returns the error for a folder that cannot be written to. */
export const unwritable = (folder: string, cause: unknown): FlowError =>
  new FlowError('input', 'jobs/makeFolder', `Cannot write to ${folder}`, {
    expected: 'a folder to write to',
    got: diskWords(cause),
    cause,
    hint: 'Choose another folder.',
  });
