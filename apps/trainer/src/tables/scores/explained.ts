import { leastLikelyFirst } from '@impflow/jobs';
import { explain, pickValues, type Frame, type TrainedRecords, type Values } from '@impflow/tables';
import { countingDisplay } from '../../terminal/counting.ts';
import { cellAt, cellOfValue, type RecordCell } from '../frame-cells.ts';

/**
 * Explanation of one cell of a row: how much its column lowers the log-density of the row. Values are in the units of
 * the file.
 */
export interface CellReason {
  readonly column: string;
  /** The value of the cell. */
  readonly value: RecordCell;
  /** The most likely value of the cell, given the other cells. */
  readonly typical: RecordCell;
  /**
   * Mean increase of the log-density of the row, in nats, that a draw of the cell given the other cells would give. NaN
   * for a gap.
   */
  readonly part: number;
  /** Percentage of draws given the other cells that are below this cell. See `Reason` of `@impflow/tables`. */
  readonly percentile: number;
}

/** Rows with explanations of their cells. */
export interface Explained {
  /** Names of the target columns: the columns that are not conditions. */
  readonly columns: readonly string[];
  /** Indices of the explained rows, the least likely first. */
  readonly rows: readonly number[];
  /** Explanations of the cells of each row, by the index of the row, in the order of `columns`. */
  readonly ofRow: ReadonlyMap<number, readonly CellReason[]>;
}

/**
 * Maximum number of log-densities that all explanations of a command may compute in total. The computation of this
 * number of log-densities takes half a minute for two columns, and some minutes for thirty columns.
 */
const BUDGET = 200_000;
/** Number of log-densities for the explanation of one cell. */
const EACH = 64;
/** Minimum number of rows that are explained, regardless of the number of columns. */
const FEWEST = 12;
/** Number of cells between two updates of the progress display. */
const CELLS = 256;

/** Options of {@link explained}. */
interface ExplainedOptions {
  /** The cells as the file contains them. Default: the cells as the model reads them. */
  readonly frame?: Frame | undefined;
  readonly quiet?: boolean | undefined;
  /** Largest number of rows. Default: as many as {@link BUDGET} allows. */
  readonly most?: number | undefined;
}

/** Explains all rows, or only the least likely rows if all rows would take too long: see `explain`. */
export const explained = (
  { density, estimated }: Pick<TrainedRecords, 'density' | 'estimated'>,
  values: Values,
  logDensities: ArrayLike<number>,
  { frame, quiet = false, most: limit }: ExplainedOptions,
): Explained => {
  const { columns } = density.spec;
  const targets = columns.filter((column) => column.given !== true);
  const most = limit ?? Math.max(FEWEST, Math.floor(BUDGET / EACH / targets.length));
  const rows = leastLikelyFirst(logDensities).slice(0, most);
  const ofRow = new Map<number, readonly CellReason[]>();
  const block = Math.max(1, Math.floor(CELLS / targets.length));
  const progress = countingDisplay({ done: 'Explained', total: rows.length, quiet });
  for (let first = 0; first < rows.length; first += block) {
    const part = Uint32Array.from(rows.slice(first, first + block));
    const own = pickValues(values, part);
    const found = explain(
      density,
      own,
      Float64Array.from(part, (row) => logDensities[row]!),
      { estimated },
    );
    found.forEach((reasons, i) => {
      ofRow.set(
        part[i]!,
        reasons.map(({ column, typical, part: nats, percentile }) => {
          const j = columns.findIndex(({ name }) => name === column);
          const inFile = frame?.columns.find(({ name }) => name === column);
          return {
            column,
            value: inFile === undefined ? cellOfValue(own.columns[j]![i]!, columns[j]!) : cellAt(inFile, part[i]!),
            typical: cellOfValue(typical, columns[j]!),
            part: nats,
            percentile,
          };
        }),
      );
    });
    progress.update(first + part.length);
  }
  progress.stop();
  return { columns: targets.map(({ name }) => name), rows, ofRow };
};

/**
 * Returns the explanations of the cells of a row, in descending order of `part`. Gaps and cells whose solves failed are
 * left out.
 */
export const greatestFirst = (reasons: readonly CellReason[]): readonly CellReason[] =>
  reasons.filter(({ part }) => !Number.isNaN(part)).toSorted((a, b) => (a.part === b.part ? 0 : b.part - a.part));
