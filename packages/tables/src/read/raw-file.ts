import { assertPath, fileBytes, FlowError, nearest } from '@impflow/core';
import { extensionOf, isPacked } from '../frame/extension.ts';
import { assertText } from './csv-text.ts';
import { formatOf, readableExtensions, type TableExtension } from './formats.ts';
import { isGzip } from './gunzip.ts';
import { NPY_HEADER_BYTES, npyHeader, readNpy } from './npy.ts';
import type { FrameOptions } from './options.ts';
import { decodeParquetBytes, readParquet } from './parquet.ts';
import { assertNotEmpty, type RawTable } from './raw.ts';
import { parseText, textFormat, unpackedText } from './text.ts';

/** Functions that read the files of a format. `path` is the name of the file. */
interface Reader {
  /** Reads a table from the bytes of a file. */
  decode(path: string, bytes: Buffer, options: FrameOptions): RawTable | Promise<RawTable>;
  /** Checks the first bytes and the size of a file, before the whole file is read. Throws for a file of another format. */
  examine?(path: string, start: Buffer, size: number): void;
  /** Reads a file that is not read into the memory of this process. Default: all bytes are read and decoded. */
  read?(at: string, path: string, options: FrameOptions): Promise<RawTable>;
}

const text: Reader = {
  examine: (path, start, size) => {
    if (!isPacked(path) || !isGzip(start)) assertText(path, start, size, textFormat(path));
  },
  decode: async (path, bytes, options) => parseText(path, await unpackedText(path, bytes), options),
};

const wantedOf = ({ columns }: FrameOptions): { readonly wanted?: readonly string[] } =>
  columns === undefined ? {} : { wanted: columns };

/** The functions that read a file, for each format. */
const READERS: Readonly<Record<TableExtension, Reader>> = {
  '.csv': text,
  '.tsv': text,
  '.jsonl': text,
  '.ndjson': text,
  '.npy': {
    examine: (path, start, size) => void npyHeader(path, start.subarray(0, NPY_HEADER_BYTES), size),
    decode: readNpy,
  },
  '.parquet': {
    read: (at, path, options) => readParquet(at, path, wantedOf(options)),
    decode: (path, bytes, options) => decodeParquetBytes(path, bytes, wantedOf(options)),
  },
  '.csv.gz': text,
  '.tsv.gz': text,
  '.jsonl.gz': text,
  '.ndjson.gz': text,
};

/**
 * Reads a table file. The extension of the path selects the format. `at` is the name of the calling function, for error
 * messages.
 *
 * @throws `input` for an unknown extension, and for a file that cannot be read, is empty, or does not match its
 * extension; `option` if separator and decimal sign are both commas.
 */
export const readRaw = async (at: string, path: string, options: FrameOptions): Promise<RawTable> => {
  const { read, examine, decode } = readerOf(at, path);
  if (read !== undefined) return read(at, path, options);
  const bytes = await fileBytes(at, path, {
    examine: (start, size) => {
      assertNotEmpty(path, start);
      examine?.(path, start, size);
    },
  });
  return decode(path, bytes, options);
};

/** Reads a table from the bytes of a file. The extension of `name` selects the format, as in {@link readRaw}. */
export const decodeRaw = async (
  at: string,
  name: string,
  bytes: Uint8Array,
  options: FrameOptions,
): Promise<RawTable> => {
  const { decode } = readerOf(at, name);
  assertNotEmpty(name, bytes);
  return decode(name, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), options);
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
