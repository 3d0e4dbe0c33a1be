import type { CsvOptions } from '../read/options.ts';

/** Options of {@link tableParts}. `header`, `separator` and `decimal` concern CSV and TSV only, as in `readFrame`. */
export interface PartsOptions extends CsvOptions {
  /**
   * CSV and TSV: size of a part in bytes, at least 1. A part is longer than this, because it includes the rest of its
   * last line. Default 2 MiB.
   */
  readonly partBytes?: number;
  /**
   * Parquet and NumPy: largest number of rows of a part, at least 1. Default: 262,144, or fewer if this many rows have
   * more than 4,194,304 cells.
   */
  readonly partRows?: number;
}
