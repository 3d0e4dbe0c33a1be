import type { Frame } from '../frame/frame.ts';
import type { CheckOptions } from './check.ts';
import type { CsvOptions, Decimal } from './csv-options.ts';
import { parseCells } from './csv.ts';
import { checkedFrame } from './frame-columns.ts';

/** Options of {@link readFrame} and {@link parseFrame}. `header`, `separator` and `decimal` concern CSV and TSV only. */
export interface FrameOptions extends CsvOptions, Pick<CheckOptions, 'columns' | 'minRows'> {
  /**
   * Decimal sign. Default: `,` if semicolons, tabs or bars stand between cells, numbers such as `3,5` occur, and none
   * has a decimal point; else `.`. A remark names such a number.
   */
  readonly decimal?: Decimal;
}

/**
 * Parses the bytes of a CSV or TSV as cells: numbers, texts and gaps. `name` stands for the path in messages; if it
 * ends in `.tsv`, the default separator is a tab.
 *
 * A cell is missing if it is empty or exactly one of NA, N/A, n/a, NULL, null, None, NaN, nan, NaT, <NA>, #N/A and \N.
 * In a column whose other cells are numbers, at least one, it is also missing if it is one of these words in any case
 * (`na`, `none`), or one to three dashes, question marks or points alone. Infinity is a number. Numbers with marks of
 * thousands, units or percent signs are texts.
 *
 * @throws `input` for bytes that are not text of this kind, too few rows, two columns of one name, and a column that
 * does not exist; `option` if separator and decimal sign are both commas.
 */
export const parseFrame = (name: string, bytes: Uint8Array, options: FrameOptions = {}): Frame =>
  checkedFrame('tables/parseFrame', parseCells(name, bytes, options, true), name, options);
