import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { FlowError } from '@impflow/core';
import { toCsv, toNpy, toParquet, type Writable } from './writers/encode.ts';

/**
 * Writes a table as `.csv`, `.npy` or `.parquet`. A reader of `path` sees the old file or the whole new one, never a part:
 * the bytes go to a temporary file beside it, which is then renamed.
 *
 * @throws `option` for an unknown extension; `shape` where the values do not fill the table; `input` where the folder is
 * missing or cannot be written to.
 */
export const writeTable = async (path: string, table: Writable): Promise<void> => {
  const encode = ENCODERS[extname(path).toLowerCase()];
  if (encode === undefined) {
    throw new FlowError('option', AT, `Cannot write ${path}`, { expected: `one of ${Object.keys(ENCODERS).join(', ')}`, got: extname(path) || 'no extension', hint: 'Change the extension.' });
  }
  const { columns, rows, values } = table;
  if (values.length !== rows * columns.length) {
    throw new FlowError('shape', AT, 'Wrong number of values', { expected: `${rows} rows of ${columns.length}`, got: `${values.length} numbers` });
  }
  await writeAtomically(path, encode(table));
};

const AT = 'data/writeTable';

const ENCODERS: Readonly<Record<string, (table: Writable) => Buffer>> = { '.csv': toCsv, '.npy': toNpy, '.parquet': toParquet };

let written = 0;

const writeAtomically = async (path: string, bytes: Buffer): Promise<void> => {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${process.pid}.${written++}.tmp`);
  try {
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    // Best effort: the folder that refused the file may refuse this too, and the first error is the one to report.
    await rm(temporary, { force: true }).catch(() => undefined);
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    const [expected, got, hint] = UNWRITABLE[code] ?? ['room for the file', code, 'Check the disk.'];
    throw new FlowError('input', AT, `Cannot write ${basename(path)} into the folder ${folder}`, { expected, got, hint, cause: error });
  }
};

const UNWRITABLE: Readonly<Record<string, readonly [expected: string, got: string, hint: string]>> = {
  ENOENT: ['a folder', 'nothing at that path', 'Create it first.'],
  ENOTDIR: ['a folder', 'a file in its place', 'Choose another folder.'],
  EACCES: ['a folder to write to', 'no permission', 'Choose another folder, or allow writing.'],
  EPERM: ['a folder to write to', 'no permission', 'Choose another folder, or allow writing.'],
  EROFS: ['a folder to write to', 'a read-only file system', 'Choose another folder.'],
  EISDIR: ['a free name', 'a folder of that name', 'Choose another name.'],
  ENOSPC: ['room for the file', 'a full disk', 'Free some space.'],
};
