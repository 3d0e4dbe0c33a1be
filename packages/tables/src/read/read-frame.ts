import type { Frame } from '../frame/frame.ts';
import { checkedFrame } from './frame-columns.ts';
import type { FrameOptions } from './options.ts';
import { decodeRaw, readRaw } from './raw-file.ts';

/**
 * Reads a table file, whose extension selects the format (see `readableExtensions`). Each cell is a number, text, or
 * missing. Strings are read as in {@link parseFrame}; in a Parquet file and in JSON lines, the decimal sign is a point.
 * Booleans of these formats become the strings `true` and `false`. Days of a Parquet file become ISO strings such as
 * `2020-01-31`.
 * Times of a Parquet file become ISO strings in UTC with milliseconds, such as `2020-01-31T12:00:00.000Z`. Times of day and durations of a Parquet file become seconds, which `unit` of the column says. Booleans of
 * a NumPy file become 0 and 1.
 *
 * @remarks The whole file is read into memory. A CSV or TSV file needs 16 bytes per cell, in addition to the strings of
 * text cells. A text that is packed by gzip has at most 512 MiB after unpacking. A Parquet file is read by a separate process, for at most 30 seconds plus one second per MiB. An error
 * message contains the file, the row (for CSV, TSV and JSON lines the line), the column, and advice.
 * @throws `input` for a file that cannot be read or does not match its extension, for too few rows, two columns with
 * the same name, a column that does not exist, and values of Parquet and JSON that cannot be cells, such as lists, in a column that is needed; `option` if
 * separator and decimal sign are both commas.
 */
export const readFrame = async (path: string, options: FrameOptions = {}): Promise<Frame> =>
  checkedFrame('tables/readFrame', await readRaw('tables/readFrame', path, options), path, options);

/**
 * Reads a table from the bytes of a file, with cells as in {@link readFrame}. The extension of `name` selects the
 * format.
 *
 * @throws as {@link readFrame}.
 */
export const decodeFrame = async (name: string, bytes: Uint8Array, options: FrameOptions = {}): Promise<Frame> =>
  checkedFrame('tables/decodeFrame', await decodeRaw('tables/decodeFrame', name, bytes, options), name, options);
