import type { CsvOptions } from '../read/options.ts';

/**
 * Options of {@link tableParts}. `header`, `separator` and `decimal` are used only for CSV and TSV, as in `readFrame`.
 */
export interface PartsOptions extends CsvOptions {
  /**
   * CSV, TSV and JSON lines: smallest size of a part in bytes of text, at least 1. A part is longer than this size if
   * its last line would otherwise be cut. Default 2 MiB.
   */
  readonly partBytes?: number;
  /**
   * Parquet and NumPy: largest number of rows of a part, at least 1. Default: 262,144 rows, or fewer rows if these have
   * more than 4,194,304 cells.
   */
  readonly partRows?: number;
}
