import type { Frame } from '../frame/frame.ts';
import { parseCsv } from './csv.ts';
import { checkedFrame } from './frame-columns.ts';
import type { FrameOptions } from './options.ts';

/**
 * Parses the bytes of a CSV or TSV as cells: numbers, texts and gaps. Error messages show `name` as the path of the
 * file. If it ends in `.tsv`, the default separator is a tab.
 *
 * A cell is missing if it is empty or exactly one of NA, N/A, n/a, NULL, null, None, NaN, nan, NaT, <NA>, #N/A and \N.
 * In a column with at least one number and no texts, two more kinds of cells are missing: such words in any case (`na`,
 * `none`), and one to three dashes, question marks or points. Infinity is a number. Numbers with thousands separators,
 * units or percent signs are texts.
 *
 * @throws `input` for bytes that are not text of this kind, too few rows, two columns of one name, and a column that
 * does not exist; `option` if separator and decimal sign are both commas.
 */
export const parseFrame = (name: string, bytes: Uint8Array, options: FrameOptions = {}): Frame =>
  checkedFrame('tables/parseFrame', parseCsv(name, bytes, options).table, name, options);
