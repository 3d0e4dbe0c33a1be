import { FlowError, nearest, fileBytes, assertPath, type FileBytes } from '@impflow/core';
import { extensionOf } from '../frame/extension.ts';
import { parseCsv } from './csv.ts';
import { formatOf, readableExtensions, type TableExtension } from './formats.ts';
import { readNpy } from './npy.ts';
import type { FrameOptions } from './options.ts';
import { readParquet } from './parquet.ts';
import { assertNotEmpty, type RawTable } from './raw.ts';

type Reader = (file: FileBytes, options: FrameOptions) => RawTable | Promise<RawTable>;

const csv: Reader = ({ path, bytes }, options) => parseCsv(path, bytes, options).table;

/** The function that reads a file, for each format. */
const READERS: Readonly<Record<TableExtension, Reader>> = {
  '.csv': csv,
  '.tsv': csv,
  '.npy': (file) => readNpy(file),
  '.parquet': (file, { columns }) => readParquet(file, columns === undefined ? {} : { wanted: columns }),
};

/**
 * Reads a table file. The extension of the path selects the format. `at` is the name of the calling function, for error
 * messages.
 *
 * @throws `input` for an unknown extension, and for a file that cannot be read, is empty, or does not match its
 * extension; `option` if separator and decimal sign are both commas.
 */
export const readRaw = async (at: string, path: string, options: FrameOptions): Promise<RawTable> => {
  const reader = readerOf(at, path);
  const bytes = await fileBytes(at, path);
  assertNotEmpty(path, bytes);
  return reader({ path, bytes }, options);
};

/** Reads a table from the bytes of a file. The extension of `name` selects the format, as in {@link readRaw}. */
export const decodeRaw = async (
  at: string,
  name: string,
  bytes: Uint8Array,
  options: FrameOptions,
): Promise<RawTable> => {
  const reader = readerOf(at, name);
  assertNotEmpty(name, bytes);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return reader({ path: name, bytes: buffer, isInMemory: true }, options);
};

const readerOf = (at: string, path: string): Reader => {
  assertPath(at, path);
  const extension = extensionOf(path);
  if (formatOf(extension) !== undefined) return READERS[extension as TableExtension];
  const near = nearest(extension, readableExtensions);
  throw new FlowError('input', at, `Unknown kind of file ${path}`, {
    expected: `one of ${readableExtensions.join(', ')}`,
    got: extension === '' ? 'no extension' : `"${extension}"`,
    hint: near === undefined || extension === '' ? 'Convert the table to one of these.' : `Did you mean "${near}"?`,
  });
};
