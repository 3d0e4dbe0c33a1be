import { FlowError } from '@impflow/core';
import { parquetMetadataAsync, parquetSchema, type AsyncBuffer, type FileMetaData } from 'hyparquet';
import { malformed } from '../read/raw.ts';
import type { ByteSource } from './byte-source.ts';
import type { FileParts } from './file-parts.ts';
import { rowRanges } from './row-ranges.ts';

/**
 * Largest number of bytes of the metadata. A larger number comes from a damaged length, or from millions of row groups.
 */
const MOST_METADATA = 2 ** 28;
/** A Parquet file ends with the metadata, the length of the metadata in four bytes, and this word. */
const WORD = 'PAR1';
/** Number of bytes at the end of the file that are read first. */
const END_BYTES = 2 ** 16;

/**
 * Finds the parts of a Parquet file. Several small row groups are joined to one part. A large row group is divided into
 * several parts.
 */
export const parquetParts = async (source: ByteSource, partRows: number | undefined): Promise<FileParts> => {
  const { file, size } = source;
  const metadata = await parquetMetadata(source);
  const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
  const groups = metadata.row_groups.map(({ num_rows }) => Number(num_rows));
  return {
    columns,
    parts: rowRanges(file, groups, columns.length, partRows).map(({ from, to }) => ({
      file,
      size,
      kind: 'parquet',
      from,
      to,
      rows: to - from,
    })),
    remarks: [],
  };
};

/**
 * Reads the metadata of a Parquet file, and checks what is needed to read parts of the file.
 *
 * @throws `input` if it is damaged.
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
    // The search for geometry columns is off, because it can loop forever if a number of children is damaged. A frame
    // needs no geometry columns.
    const metadata = await parquetMetadataAsync(asyncBuffer(source), {
      initialFetchSize: END_BYTES,
      geoparquet: false,
    });
    // Throws if the tree of the columns is incomplete.
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

/** Returns a source in the form that hyparquet reads. */
export const asyncBuffer = (source: ByteSource): AsyncBuffer => ({
  byteLength: source.size,
  slice: async (from, to = source.size) => {
    const { buffer, byteOffset, byteLength } = await source.read(from, to);
    const whole = buffer as ArrayBuffer;
    return byteLength === whole.byteLength ? whole : whole.slice(byteOffset, byteOffset + byteLength);
  },
});
