import { extname } from 'node:path';
import { FlowError, writeAtomically } from '@impflow/core';
import type { Writable } from './writers/csv.ts';
import { toCsv, toNpy, toParquet } from './writers/encode.ts';

/**
 * Writes a table as `.csv`, `.npy` or `.parquet`, by the extension of `path`. The bytes go to a temporary file beside
 * it, which is then renamed: a reader of `path` sees the old file or the whole new one.
 *
 * @throws `option` for an unknown extension; `shape` if the number of values is wrong; `input` if the folder is missing
 * or not writable.
 */
export const writeTable = async (path: string, table: Writable): Promise<void> => {
  const encode = ENCODERS[extname(path).toLowerCase()];
  if (encode === undefined) {
    throw new FlowError('option', AT, `Cannot write ${path}`, {
      expected: `one of ${Object.keys(ENCODERS).join(', ')}`,
      got: extname(path) || 'no extension',
      hint: 'Change the extension.',
    });
  }
  const { columns, rows, values } = table;
  if (values.length !== rows * columns.length) {
    throw new FlowError('shape', AT, 'Wrong number of values', {
      expected: `${rows} rows of ${columns.length}`,
      got: `${values.length} numbers`,
    });
  }
  await writeAtomically(path, encode(table), AT);
};

const AT = 'data/writeTable';

const ENCODERS: Readonly<Record<string, (table: Writable) => Buffer>> = {
  '.csv': toCsv,
  '.npy': toNpy,
  '.parquet': toParquet,
};
