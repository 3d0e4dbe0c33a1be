import type { TablePart } from './table-part.ts';

/** The parts (ranges of rows) into which one file is divided. */
export interface FileParts {
  /** Names of the columns, in the order of the file. */
  readonly columns: readonly string[];
  readonly parts: readonly Omit<TablePart, 'size'>[];
  /** Assumptions that the reader made about the file, as sentences for the user. */
  readonly remarks: readonly string[];
}
