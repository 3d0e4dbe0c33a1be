import type { Frame, Values } from '@impflow/tables';
import { number } from '../text/format.ts';

/** A cell is far if it is this many standard deviations from the median, by the quartiles. */
const FAR = 20;
/** A far cell is also this many times as far as the usual extremes of its column. */
const ALONE = 8;
/** Cells that may be far: the usual extremes leave out this share of the cells, and at least this number. */
const FEW = { share: 1e-3, cells: 3 } as const;
/** Most cells that are named. */
const NAMED = 5;
/** Distance between the quartiles of a normal distribution, in standard deviations. */
const QUARTILES = 1.349;

/** Most cells of a column that are sorted. */
const SORTED = 20_000;

/** Rows of a file with their cells as numbers. */
export interface NumberedRows {
  readonly frame: Frame;
  readonly cells: Values;
}

/**
 * Returns a sentence for each cell far from all other cells of its column, such as a wrong decimal point. A column with
 * a heavy tail has no such cells, because its extremes differ by small factors.
 *
 * @param names Names of the columns of `cells`; undefined for a column that is not of numbers.
 * @param train Cells that count as usual.
 * @param files The files in which far cells are looked for.
 */
export const farCells = (
  names: readonly (string | undefined)[],
  train: Values,
  files: readonly NumberedRows[],
): readonly string[] => {
  const found = names.flatMap((name, j) => {
    const range = name === undefined ? undefined : usualRange(train.columns[j]!);
    if (range === undefined) return [];
    return files.flatMap(({ frame, cells }) =>
      Array.from(cells.columns[j]!.keys())
        .filter((row) => Math.abs(cells.columns[j]![row]! - range.median) > range.far)
        .map(
          (row) =>
            `The cell ${number(cells.columns[j]![row]!)} of "${name!}" in ${frame.place(row)} of ${frame.source} is far from the others, which lie between ${number(range.low)} and ${number(range.high)}.`,
        ),
    );
  });
  const rest = found.length - NAMED;
  return rest <= 0 ? found : [...found.slice(0, NAMED), `${rest} more cells are far from the others of their columns.`];
};

/**
 * Returns the rows without far cells, from which the scaling of the columns is computed: a single cell would make the
 * standard deviation of a column of 800 rows 1.7 times as large. The maps of columns are not fitted without them,
 * because a bound of a column must hold for every training row.
 *
 * @param isNumber Whether each column has numbers.
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

/** Whether a column of numbers has a far cell. */
export const hasFarCell = (column: Float64Array): boolean => {
  const range = usualRange(column);
  return range !== undefined && column.some((value) => Math.abs(value - range.median) > range.far);
};

/** The middle of a column, its range without the extremes, and the distance from the middle beyond which cells are far. */
interface UsualRange {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly far: number;
}

/** Returns the usual range of a column; undefined for a column with few numbers. */
const usualRange = (column: Float64Array): UsualRange | undefined => {
  const every = Math.ceil(column.length / SORTED);
  const sorted = column.filter((value, row) => row % every === 0 && !Number.isNaN(value)).sort();
  const few = Math.max(FEW.cells, Math.ceil(FEW.share * sorted.length));
  if (sorted.length <= 4 * few) return undefined;
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))]!;
  const median = at(0.5);
  const [low, high] = [sorted[few]!, sorted[sorted.length - 1 - few]!];
  const extreme = Math.max(median - low, high - median);
  // Nearly all cells are equal: the few others are what the column is about.
  if (extreme === 0) return undefined;
  return { median, low, high, far: Math.max(ALONE * extreme, (FAR * (at(0.75) - at(0.25))) / QUARTILES) };
};
