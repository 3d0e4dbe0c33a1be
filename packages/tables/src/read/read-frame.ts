import type { Frame } from '../frame/frame.ts';
import { checkedFrame } from './frame-columns.ts';
import type { FrameOptions } from './options.ts';
import { decodeRaw, readRaw } from './raw-file.ts';

/**
 * Reads the cells of a file, by its extension (see `readableExtensions`): numbers, texts and gaps. Texts are read as in
 * {@link parseFrame}, with a decimal point in Parquet. Booleans of a Parquet file are the texts `true` and `false`. Its
 * days are ISO texts such as `2020-01-31`, and its times are ISO texts in UTC with milliseconds, such as
 * `2020-01-31T12:00:00.000Z`. Booleans of NumPy are 0 and 1.
 *
 * @remarks Reads the whole file into memory. A text file needs 16 bytes per cell, in addition to the texts themselves.
 * A Parquet file is read by a separate process, for at most 30 seconds plus one second per MiB. An error names the
 * file, the row (in text files the line) and the column, and gives advice.
 * @throws `input` for a file that cannot be read or does not match its extension, for too few rows, two columns with
 * the same name, a column that does not exist, and values of Parquet that are neither numbers, texts nor times;
 * `option` if separator and decimal sign are both commas.
 */
export const readFrame = async (path: string, options: FrameOptions = {}): Promise<Frame> =>
  checkedFrame('tables/readFrame', await readRaw('tables/readFrame', path, options), path, options);

/**
 * Reads cells as {@link readFrame} does, from the bytes of such a file. The extension of `name` gives the format.
 *
 * @throws as {@link readFrame}.
 */
export const decodeFrame = async (name: string, bytes: Uint8Array, options: FrameOptions = {}): Promise<Frame> =>
  checkedFrame('tables/decodeFrame', await decodeRaw('tables/decodeFrame', name, bytes, options), name, options);
