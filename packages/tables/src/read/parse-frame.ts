import type { Frame } from '../frame/frame.ts';
import { parseCsv } from './csv.ts';
import { checkedFrame } from './frame-columns.ts';
import type { FrameOptions } from './options.ts';

/**
 * Parses the bytes of a CSV or TSV file. Each cell is a number, text, or missing. Error messages show `name` as the
 * path of the file. If `name` ends in `.tsv`, the default separator is a tab.
 *
 * A cell is missing if it is empty or exactly one of NA, N/A, n/a, NULL, null, None, NaN, nan, NaT, <NA>, #N/A and \N.
 * In a column with at least one number and no text, two more kinds of cells are missing: these words in any case (`na`,
 * `none`), and one to three dashes, question marks or points. Infinity is a number. A number with a thousands
 * separator, a unit or a percent sign is text.
 *
 * @throws `input` for bytes that are not CSV text in UTF-8, too few rows, two columns with the same name, and a column
 * that does not exist; `option` if separator and decimal sign are both commas.
 */
export const parseFrame = (name: string, bytes: Uint8Array, options: FrameOptions = {}): Frame =>
  checkedFrame('tables/parseFrame', parseCsv(name, bytes, options).table, name, options);
