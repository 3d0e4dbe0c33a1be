import { dateText, type Frame, type Values } from '@impflow/tables';
import { number } from '../text/format.ts';

/**
 * A far cell is more than this number of standard deviations away from the median of its column. The standard deviation
 * is estimated from the quartiles.
 */
const FAR = 20;
/**
 * The distance of a far cell from the median is more than this multiple of the distance of the column's usual extremes.
 */
const ALONE = 8;
/** The usual extremes of a column exclude, at each end, the share `share` of its cells, but at least `cells` cells. */
const FEW = { share: 1e-3, cells: 3 } as const;
/** Largest number of far cells that the messages name. */
const NAMED = 5;
/** Distance between the quartiles of a normal distribution, in standard deviations. */
const QUARTILES = 1.349;

/** Largest number of cells of a column that are sorted. If a column has more cells, only every n-th cell is used. */
const SORTED = 20_000;

/** A column of numbers, or of dates that are stored as numbers of days or seconds. */
interface NumberColumn {
  readonly name: string;
  readonly date?: 'days' | 'seconds';
  /** Number that is subtracted from the numbers of the column. Default 0. */
  readonly offset?: number;
}

/** Rows of a table, with their cells converted to numbers. */
export interface NumberedRows {
  readonly frame: Frame;
  readonly cells: Values;
}

/**
 * Returns a sentence for each cell that is far from all other cells of its column, for example because of a wrong
 * decimal point. A heavy-tailed column has no far cells, because its extremes differ by small factors.
 *
 * @param columns The columns of `cells`; undefined for a column that does not contain numbers.
 * @param train Cells from which the usual range of each column is computed.
 * @param files The files that are searched for far cells.
 */
export const farCells = (
  columns: readonly (NumberColumn | undefined)[],
  train: Values,
  files: readonly NumberedRows[],
): readonly string[] => {
  const found = columns.flatMap((column, j) => {
    const range = column === undefined ? undefined : usualRange(train.columns[j]!);
    if (column === undefined || range === undefined) return [];
    const { date, offset = 0 } = column;
    const text = (value: number): string =>
      date === undefined ? number(value + offset) : dateText(value + offset, date);
    return files.flatMap(({ frame, cells }) =>
      Array.from(cells.columns[j]!.keys())
        .filter((row) => Math.abs(cells.columns[j]![row]! - range.median) > range.far)
        .map(
          (row) =>
            `The cell ${text(cells.columns[j]![row]!)} of "${column.name}" in ${frame.place(row)} of ${frame.source} is far from the other cells of the column, which lie between ${text(range.low)} and ${text(range.high)}.`,
        ),
    );
  });
  const rest = found.length - NAMED;
  return rest <= 0
    ? found
    : [...found.slice(0, NAMED), `${rest} more cells are far from the other cells of their columns.`];
};

/**
 * Returns the indices of the rows without far cells. The scaling of the columns is computed from these rows, because a
 * single far cell would make the standard deviation of a column of 800 rows 1.7 times as large. The maps of the columns
 * are fitted to all training rows, because a bound of a column must hold for every training row.
 *
 * @param isNumber For each column, whether it contains numbers.
 */
export const usualRows = (values: Values, isNumber: readonly boolean[]): Uint32Array => {
  const isFar = new Uint8Array(values.rows);
  for (const [j, column] of values.columns.entries()) {
    const range = isNumber[j] === true ? usualRange(column) : undefined;
    if (range === undefined) continue;
    column.forEach((value, row) => {
      if (Math.abs(value - range.median) > range.far) isFar[row] = 1;
    });
  }
  return Uint32Array.from(isFar.keys()).filter((row) => isFar[row] === 0);
};

/** Returns whether a column of numbers contains a far cell. */
export const hasFarCell = (column: Float64Array): boolean => {
  const range = usualRange(column);
  return range !== undefined && column.some((value) => Math.abs(value - range.median) > range.far);
};

/** Median of a column, its range without the extremes, and the distance from the median beyond which a cell is far. */
interface UsualRange {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly far: number;
}

/** Returns the usual range of a column. Returns undefined if the column has few numbers, or if nearly all are equal. */
const usualRange = (column: Float64Array): UsualRange | undefined => {
  const every = Math.ceil(column.length / SORTED);
  const sorted = column.filter((value, row) => row % every === 0 && !Number.isNaN(value)).sort();
  const few = Math.max(FEW.cells, Math.ceil(FEW.share * sorted.length));
  if (sorted.length <= 4 * few) return undefined;
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))]!;
  const median = at(0.5);
  const [low, high] = [sorted[few]!, sorted[sorted.length - 1 - few]!];
  const extreme = Math.max(median - low, high - median);
  // If nearly all cells are equal, the few different cells are not mistakes, because they contain the information of
  // the column.
  if (extreme === 0) return undefined;
  return { median, low, high, far: Math.max(ALONE * extreme, (FAR * (at(0.75) - at(0.25))) / QUARTILES) };
};
