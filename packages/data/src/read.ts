import { extname } from 'node:path';
import { FlowError, nearest } from '@impflow/core';
import type { ParseOptions } from './parse.ts';
import { checkedTable } from './readers/check.ts';
import { parseCsv } from './readers/csv.ts';
import { fileBytes, type FileBytes } from './readers/file.ts';
import { readNpy } from './readers/npy.ts';
import { readParquet } from './readers/parquet.ts';
import { assertNotEmpty, type RawTable } from './readers/raw.ts';
import type { Table } from './table.ts';

/** Options of {@link readTable}. `header`, `separator` and `decimal` concern CSV and TSV only. */
export type ReadOptions = ParseOptions;

/**
 * Reads the numbers of a `.csv`, `.tsv`, `.npy` or `.parquet` file and checks that they are finite, within float32, and
 * (unless allowed) not missing.
 *
 * @remarks Reads the whole file into memory. A Parquet file is read by a separate process, for at most 30 seconds plus
 * one per MiB. An error names the file, the row (in text files the line) and the column, and says what to do.
 * @throws `input` for a file that cannot be read, is not what its extension says, or holds anything but numbers;
 * `option` if separator and decimal sign are both commas.
 */
export const readTable = async (path: string, options: ReadOptions = {}): Promise<Table> => {
  const reader = readerOf(path);
  const bytes = await fileBytes(AT, path);
  assertNotEmpty(path, bytes);
  return checkedTable(await reader({ path, bytes }, options), path, options);
};

const AT = 'data/readTable';

type Reader = (file: FileBytes, options: ReadOptions) => RawTable | Promise<RawTable>;

const csv: Reader = ({ path, bytes }, options) => parseCsv(path, bytes, options);

const READERS: Readonly<Record<string, Reader>> = {
  '.csv': csv,
  '.tsv': csv,
  '.npy': (file) => readNpy(file),
  '.parquet': (file, { columns }) => readParquet(file, columns),
};

/** Extensions that {@link readTable} reads, each with its dot. */
export const readableExtensions: readonly string[] = Object.keys(READERS);

const readerOf = (path: string): Reader => {
  const extension = extname(path).toLowerCase();
  const reader = READERS[extension];
  if (reader !== undefined) return reader;
  const near = nearest(extension, readableExtensions);
  throw new FlowError('input', AT, `Unknown kind of file ${path}`, {
    expected: `one of ${readableExtensions.join(', ')}`,
    got: extension === '' ? 'no extension' : `"${extension}"`,
    hint: near === undefined || extension === '' ? 'Convert the table to one of these.' : `Did you mean "${near}"?`,
  });
};
