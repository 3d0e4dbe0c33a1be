import { FlowError } from '@impflow/core';
import { parquetMetadataAsync, parquetSchema, type FileMetaData } from 'hyparquet';
import { asyncBuffer } from '../read/async-buffer.ts';
import { malformed } from '../read/raw.ts';
import type { ByteSource } from './byte-source.ts';
import type { FileParts } from './file-parts.ts';
import { rowRanges } from './row-ranges.ts';

/**
 * Largest number of bytes of the metadata of a Parquet file. Larger metadata mean that the length is damaged, or that
 * the file has millions of row groups.
 */
const MOST_METADATA = 2 ** 28;
/**
 * Last four bytes of a Parquet file. Before these four bytes come the metadata, and the length of the metadata as four
 * bytes.
 */
const WORD = 'PAR1';
/** Number of bytes at the end of the file that are read in the first request. */
const END_BYTES = 2 ** 16;

/**
 * Divides a Parquet file into parts, which are ranges of rows. Several small row groups are joined to one part. A large
 * row group is divided into several parts.
 */
export const parquetParts = async (source: ByteSource, partRows: number | undefined): Promise<FileParts> => {
  const { file } = source;
  const metadata = await parquetMetadata(source);
  const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
  const groups = metadata.row_groups.map(({ num_rows }) => Number(num_rows));
  return {
    columns,
    parts: rowRanges(file, groups, columns.length, partRows).map(({ from, to }) => ({
      file,
      kind: 'parquet',
      from,
      to,
      rows: to - from,
    })),
    remarks: [],
  };
};

/**
 * Reads the metadata of a Parquet file, and checks the metadata that are needed to read ranges of rows.
 *
 * @throws `input` if the metadata are damaged.
 */
export const parquetMetadata = async (source: ByteSource): Promise<FileMetaData> => {
  const { file, size } = source;
  const end = await source.read(Math.max(0, size - 8), size);
  if (end.length < 8 || end.toString('latin1', 4) !== WORD)
    throw damaged(file, 'a complete Parquet file', 'another end');
  const length = end.readUInt32LE(0);
  if (length > Math.min(MOST_METADATA, size - 8))
    throw damaged(file, `metadata of at most ${MOST_METADATA} bytes within the file`, `${length} bytes`);
  try {
    // The search for geometry columns is switched off, because it can loop forever if the metadata are damaged. A frame
    // does not need geometry columns.
    const metadata = await parquetMetadataAsync(asyncBuffer(source), {
      initialFetchSize: END_BYTES,
      geoparquet: false,
    });
    // This call throws if the tree of columns in the metadata is incomplete.
    parquetSchema(metadata);
    const rows = metadata.row_groups.map(({ num_rows }) => Number(num_rows));
    if (!rows.every((count) => Number.isSafeInteger(count) && count >= 0)) throw new Error('wrong sizes of row groups');
    const sum = rows.reduce((total, count) => total + count, 0);
    if (BigInt(sum) !== BigInt(metadata.num_rows)) throw new Error(`${sum} rows in groups, not ${metadata.num_rows}`);
    return metadata;
  } catch (error) {
    if (error instanceof FlowError) throw error;
    throw damaged(file, 'a complete Parquet file', (error as Error).message.replace(/\.$/, ''), error);
  }
};

/** Returns the error for a Parquet file that cannot be read. */
export const damaged = (file: string, expected: string, got: string, cause?: unknown): Error =>
  malformed(
    file,
    'No readable Parquet table',
    expected,
    got,
    'Write the file again, with Snappy compression or none.',
    cause,
  );
