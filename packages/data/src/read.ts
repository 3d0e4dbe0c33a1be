import { extname } from 'node:path';
import { FlowError, nearest } from '@impflow/core';
import { checkedTable, type CheckOptions } from './readers/check.ts';
import { readCsv } from './readers/csv.ts';
import { fileBytes } from './readers/file.ts';
import { readNpy } from './readers/npy.ts';
import { readParquet } from './readers/parquet.ts';
import type { FileBytes, RawTable } from './readers/raw.ts';
import type { Table } from './table.ts';

export interface ReadOptions extends CheckOptions {
  /** CSV only: whether the first row names the columns. By default it does when any of its cells is text. */
  readonly header?: boolean;
}

/**
 * The numbers of a `.csv`, `.tsv`, `.npy` or `.parquet` file, checked: finite, within float32, none missing.
 *
 * @remarks Reads the whole file into memory. The message of an error names the file, the row (for text files the line) and
 * the column, and says what to do.
 * @throws `input` for a file that cannot be read, is not what its extension says, or holds anything but numbers.
 */
export const readTable = async (path: string, options: ReadOptions = {}): Promise<Table> => {
  const reader = readerOf(path);
  const bytes = await fileBytes(AT, path);
  if (bytes.length === 0) throw new FlowError('input', AT, `Empty file ${path}`, { expected: 'a table', got: '0 bytes', hint: 'Check the export.' });
  return checkedTable(await reader({ path, bytes }, options), path, options);
};

const AT = 'data/readTable';

type Reader = (file: FileBytes, options: ReadOptions) => RawTable | Promise<RawTable>;

const csvOptions = ({ header }: ReadOptions): { readonly header?: boolean } => (header === undefined ? {} : { header });

const READERS: Readonly<Record<string, Reader>> = {
  '.csv': (file, options) => readCsv(file, { tabs: false, ...csvOptions(options) }),
  '.tsv': (file, options) => readCsv(file, { tabs: true, ...csvOptions(options) }),
  '.npy': (file) => readNpy(file),
  '.parquet': (file, { columns }) => readParquet(file, columns),
};

/** The extensions that {@link readTable} knows, with their points. */
export const readableExtensions: readonly string[] = Object.keys(READERS);

const readerOf = (path: string): Reader => {
  const extension = extname(path).toLowerCase();
  const reader = READERS[extension];
  if (reader !== undefined) return reader;
  const near = nearest(extension, readableExtensions);
  throw new FlowError('input', AT, `Unknown kind of file ${path}`, {
    expected: `one of ${readableExtensions.join(', ')}`, got: extension === '' ? 'no extension' : `"${extension}"`,
    hint: near === undefined || extension === '' ? 'Convert the table to one of these.' : `Did you mean "${near}"?`,
  });
};
