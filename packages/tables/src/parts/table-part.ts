import type { Decimal } from '../frame/simple-number.ts';
import type { PartKind } from '../read/formats.ts';
import type { ColumnForm } from '../read/frame-columns.ts';
import type { Separator } from '../read/options.ts';

/** Settings with which JSON lines are read, as plain JSON. */
export interface LinesReading {
  /** Names of the columns, in the order of the file. */
  readonly names: readonly string[];
  /**
   * The form in which a frame stores each column, which depends on all rows of the file. `numbers`: only the numbers.
   * `written`: the numbers, and the cells as they are written. `texts`: the numbers, the cells as they are written, and
   * the text cells.
   */
  readonly keeps: readonly ColumnForm[];
}

/** Settings with which the lines of a CSV or TSV are read, as plain JSON. */
export interface CsvReading extends LinesReading {
  /** Character that separates the cells of a line. */
  readonly separator: Separator;
  /** Decimal sign of the numbers: a point or a comma. */
  readonly decimal: Decimal;
}

/**
 * A part (a range of rows) of a table file, as plain JSON. Each part can be read separately, by any process or machine
 * that has the file under the same path.
 */
export interface TablePart {
  /** Path of the table file, or its `http:` or `https:` URL. */
  readonly file: string;
  /**
   * Size of the whole file, in bytes. If the size of the file is different when the part is read, an error is thrown.
   */
  readonly size: number;
  /** Format of the file; a TSV counts as a CSV. A packed file has the format of the text in it. */
  readonly kind: PartKind;
  /**
   * Beginning of the part, counted from 0: a row number for Parquet and NumPy, a byte offset for CSV and JSON lines. In
   * a packed file, the offset is an offset in the unpacked text.
   */
  readonly from: number;
  /**
   * End of the part: the row number (Parquet and NumPy) or byte offset (CSV and JSON lines) of the first row or byte
   * after the part.
   */
  readonly to: number;
  /** Number of rows in the part. */
  readonly rows: number;
  /** CSV and JSON lines: line number of the first line of the part, counted from 1. */
  readonly line?: number;
  /** CSV only: whether the first line of the part that is not blank is the header. Default: false. */
  readonly header?: boolean;
  /** CSV and JSON lines: settings with which the lines of the part are read. */
  readonly reading?: CsvReading | LinesReading;
}

/** The parts into which a table is divided. Each row of the table is in exactly one part, in the order of the table. */
export interface TableParts {
  /** The parts, in the order of the files and of the rows. */
  readonly parts: readonly TablePart[];
  /** Names of the columns, in the order of the first file. The order of the columns in later files may be different. */
  readonly columns: readonly string[];
  /** Total size of all files of the table, in bytes. */
  readonly bytes: number;
  /** Total number of rows of the table. */
  readonly rows: number;
  /** Assumptions that the reader made about CSV files, as sentences for the user. */
  readonly remarks: readonly string[];
  /** Paths or URLs of the files of the table, in order. */
  readonly files: readonly string[];
}
