import type { Decimal } from '../frame/simple-number.ts';
import type { PartKind } from '../read/formats.ts';
import type { Separator } from '../read/options.ts';

/** How the lines of a CSV or TSV are read. Plain JSON. */
export interface CsvReading {
  /** Names of the columns, in the order of the file. */
  readonly names: readonly string[];
  /** Sign between cells. */
  readonly separator: Separator;
  /** Decimal sign. */
  readonly decimal: Decimal;
  /**
   * The form in which a frame keeps each column, as {@link readFrame} finds it in all rows of the file. `numbers`: only
   * the numbers. `written`: also the numbers as written. `texts`: also the texts.
   */
  readonly keeps: readonly ('numbers' | 'written' | 'texts')[];
}

/**
 * A part of a table, which can be read without the other parts. Plain JSON: another process or another machine can read
 * it, if it has the file under the same path.
 */
export interface TablePart {
  /** Path of the file, or its `http:` or `https:` URL. */
  readonly file: string;
  /** Size of the whole file, in bytes. A file of another size is refused. */
  readonly size: number;
  /** Format of the file; a TSV counts as a CSV. */
  readonly kind: PartKind;
  /** Where the part begins: the number of a row for Parquet and NumPy, of a byte for CSV, counted from 0. */
  readonly from: number;
  /** Where the part ends, in the same unit: the number of the first row or byte after the part. */
  readonly to: number;
  /** Number of rows in the part. */
  readonly rows: number;
  /** CSV: number of the first line of the part, from 1. */
  readonly line?: number;
  /** CSV: whether the first line that is not blank is the header. Default: false. */
  readonly header?: boolean;
  /** CSV: how its lines are read. */
  readonly reading?: CsvReading;
}

/** The parts of a table. Together the parts hold each row of the table once, in order. */
export interface TableParts {
  /** The parts, in the order of the files and of the rows. */
  readonly parts: readonly TablePart[];
  /** Names of the columns, in the order of the first file. Other files may have them in another order. */
  readonly columns: readonly string[];
  /** Size of all files, in bytes. */
  readonly bytes: number;
  /** Number of rows of all parts. */
  readonly rows: number;
  /** Assumptions of the reader of texts, in sentences. */
  readonly remarks: readonly string[];
  /** The files, in order: paths or URLs. */
  readonly files: readonly string[];
}
