import { FlowError, nearest, fileBytes, type FileBytes } from '@impflow/core';
import { extensionOf } from '../frame/extension.ts';
import type { CsvOptions } from './csv-options.ts';
import { parseCells } from './csv.ts';
import { readNpy } from './npy.ts';
import { readParquet } from './parquet.ts';
import { assertNotEmpty, type RawTable } from './raw.ts';

/** How to read a file. */
export interface RawOptions extends CsvOptions {
  /** Names of the columns that are needed. Default: all. */
  readonly columns?: readonly string[];
}

type Reader = (file: FileBytes, options: RawOptions, keep: boolean) => RawTable | Promise<RawTable>;

const csv: Reader = ({ path, bytes }, options, keep) => parseCells(path, bytes, options, keep);

const READERS: Readonly<Record<string, Reader>> = {
  '.csv': csv,
  '.tsv': csv,
  '.npy': (file) => readNpy(file),
  '.parquet': (file, { columns }, keep) =>
    readParquet(file, { ...(columns === undefined ? {} : { wanted: columns }), keep }),
};

/** Extensions that {@link readTable} and {@link readFrame} read, each with its dot. */
export const readableExtensions: readonly string[] = Object.keys(READERS);

/**
 * Reads a file by its extension. With `keep`, columns have the cells that numbers do not hold. `at` is the function
 * that errors name.
 *
 * @throws `input` for an unknown extension, and for a file that cannot be read, is empty, or is not what its extension
 * says; `option` if separator and decimal sign are both commas.
 */
export const readRaw = async (at: string, path: string, options: RawOptions, keep: boolean): Promise<RawTable> => {
  const reader = readerOf(at, path);
  const bytes = await fileBytes(at, path);
  assertNotEmpty(path, bytes);
  return reader({ path, bytes }, options, keep);
};

const readerOf = (at: string, path: string): Reader => {
  const extension = extensionOf(path);
  const reader = READERS[extension];
  if (reader !== undefined) return reader;
  const near = nearest(extension, readableExtensions);
  throw new FlowError('input', at, `Unknown kind of file ${path}`, {
    expected: `one of ${readableExtensions.join(', ')}`,
    got: extension === '' ? 'no extension' : `"${extension}"`,
    hint: near === undefined || extension === '' ? 'Convert the table to one of these.' : `Did you mean "${near}"?`,
  });
};
