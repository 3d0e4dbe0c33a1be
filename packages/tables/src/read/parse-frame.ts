import type { Frame } from '../frame/frame.ts';
import { checkedFrame } from './frame-columns.ts';
import type { FrameOptions } from './options.ts';
import { parseText, unpackedText } from './text.ts';

/**
 * Parses the bytes of a text: JSON lines if `name` ends in `.jsonl` or `.ndjson`, and a CSV or TSV file otherwise. Each
 * cell is a number, text, or missing. Error messages show `name` as the path of the file. If `name` ends in `.tsv`, the
 * default separator is a tab.
 *
 * A cell is missing if it is empty or exactly one of NA, N/A, n/a, NULL, null, None, NaN, nan, NaT, <NA>, #N/A and \N.
 * In a column with at least one number and no text, two more kinds of cells are missing: these words in any case (`na`,
 * `none`), and one to three dashes, question marks or points. Infinity is a number. A number with a thousands
 * separator, a unit or a percent sign is text.
 *
 * @throws `input` for bytes that are not text of this format in UTF-8, too few rows, two columns with the same name,
 * and a column that does not exist; `option` if separator and decimal sign are both commas.
 */
export const parseFrame = (name: string, bytes: Uint8Array, options: FrameOptions = {}): Frame =>
  checkedFrame('tables/parseFrame', parseText(name, bytes, options), name, options);

/**
 * Parses the bytes of a text, as {@link parseFrame} does. If `name` ends in `.gz`, the bytes are unpacked first.
 *
 * @throws the errors of {@link parseFrame}; `input` for a damaged gzip file; `unsupported` where the platform cannot
 * unpack gzip.
 */
export const parsePackedFrame = async (name: string, bytes: Uint8Array, options: FrameOptions = {}): Promise<Frame> =>
  parseFrame(name, await unpackedText(name, bytes), options);
