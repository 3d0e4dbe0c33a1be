import { gridStep, type ColumnSpec, type Values } from '@impflow/tables';

/** A column of numbers, standardized, for the search for dependent columns. */
export interface StandardColumn {
  readonly name: string;
  /** Index of the column in the table. */
  readonly place: number;
  /** Whether the column is a condition. Conditions may explain other columns, and need no explanation. */
  readonly given: boolean;
  /** Whether training adds noise to all cells of the column, because its values repeat. */
  readonly noisy: boolean;
  /** Values with mean 0 and standard deviation 1. NaN marks a missing value. */
  readonly values: Float64Array;
  /** Whether values are missing. */
  readonly hasGaps: boolean;
  /** Error of rounding of the cells, in standard deviations: root mean square, as if the error were uniform. 0 if unknown. */
  readonly rounding: number;
  /** Number of values that differ from the most frequent value. Only these values contain information. */
  readonly informative: number;
}

/** Standard deviation of a uniform variable of width 1. */
const UNIFORM = 1 / Math.sqrt(12);

/**
 * Returns the columns of numbers of a table, standardized. With `logarithm`, the values are the logarithms of the cells,
 * and columns with a cell of 0 or below are left out. Columns with one value are left out too.
 */
export const standardColumns = (
  specs: readonly ColumnSpec[],
  { columns }: Values,
  logarithm = false,
): readonly StandardColumn[] =>
  specs.flatMap((spec, place) => {
    if (spec.kind === 'category') return [];
    const { name, given = false, offset = 0, resolution, spikes } = spec;
    const raw = columns[place]!;
    const step = gridStepOf(raw);
    const cells = raw.map((value) => value + offset);
    if (logarithm && cells.some((value) => value <= 0)) return [];
    const own = logarithm ? cells.map(Math.log) : raw;
    const present = own.filter((value) => !Number.isNaN(value));
    const mean = meanOf(present);
    const scale = Math.sqrt(meanOf(present.map((value) => (value - mean) ** 2)));
    if (!(scale > 0 && scale < Infinity)) return [];
    // Rounding by `step` changes the logarithm of x by `step / x`.
    const slope = logarithm ? Math.sqrt(meanOf(cells.filter((x) => !Number.isNaN(x)).map((x) => x ** -2))) : 1;
    return [
      {
        name,
        place,
        given,
        noisy: resolution !== undefined && spikes === undefined,
        values: own.map((value) => (value - mean) / scale),
        hasGaps: present.length < own.length,
        rounding: (UNIFORM * step * slope) / scale,
        informative: present.length - largestCount(present),
      },
    ];
  });

const meanOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Returns the step of the decimal grid on which all cells lie, or 0. */
const gridStepOf = (cells: Float64Array): number => {
  const different = Float32Array.from(new Set(cells.filter((value) => !Number.isNaN(value)))).sort();
  return different.length < 2 ? 0 : (gridStep(different) ?? 0);
};

const largestCount = (values: Float64Array): number => {
  const counts = new Map<number, number>();
  let most = 0;
  for (const value of values) {
    const count = (counts.get(value) ?? 0) + 1;
    counts.set(value, count);
    most = Math.max(most, count);
  }
  return most;
};
