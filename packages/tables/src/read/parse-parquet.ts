import type { Frame } from '../frame/frame.ts';
import { checkedFrame } from './frame-columns.ts';
import type { FrameOptions } from './options.ts';
import { decodeParquet, type ParquetColumn } from './parquet-decode.ts';
import { assertNotEmpty, malformed } from './raw.ts';

/**
 * Reads a Parquet file from its bytes in the calling thread, with cells as in `readFrame`. Use it in a worker of a web
 * page. Outside of Node, the file must be uncompressed, or compressed by Snappy or Zstandard.
 *
 * @remarks A damaged file can make the reader loop forever, or need all memory. So the caller should end the worker if
 * it does not answer in time. In Node, `decodeFrame` uses a process with limits.
 * @throws `input` for a file that is not a readable Parquet file, and the errors of `readFrame`.
 */
export const parseParquet = async (name: string, bytes: Uint8Array, options: FrameOptions = {}): Promise<Frame> => {
  assertNotEmpty(name, bytes);
  const { buffer } = bytes.slice();
  const { rows, columns } = await decoded(name, {
    byteLength: buffer.byteLength,
    slice: (start, end) => buffer.slice(start, end),
  });
  return checkedFrame(AT, { rows, columns, place: (row) => `row ${row + 1}` }, name, options);
};

const AT = 'tables/parseParquet';

const decoded = async (
  name: string,
  file: Parameters<typeof decodeParquet>[0],
): Promise<{ readonly rows: number; readonly columns: readonly ParquetColumn[] }> => {
  try {
    const { rows, columns } = await decodeParquet(file);
    const all: ParquetColumn[] = [];
    for await (const column of columns) all.push(column);
    return { rows, columns: all };
  } catch (cause) {
    throw malformed(
      name,
      'No readable Parquet table',
      'a complete Parquet file, compressed by Snappy, Zstandard or not at all',
      (cause as Error).message.replace(/\.$/, ''),
      'Write the file again, with Snappy compression or none.',
      cause,
    );
  }
};
