import type { TablePart } from './table-part.ts';

/** The parts of one file. */
export interface FileParts {
  /** Names of the columns, in the order of the file. */
  readonly columns: readonly string[];
  readonly parts: readonly TablePart[];
  /** Assumptions, in sentences. */
  readonly remarks: readonly string[];
}
