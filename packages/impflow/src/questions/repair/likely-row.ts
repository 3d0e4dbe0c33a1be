import { fold, key, uniforms, type Key } from '@impflow/core';
import { frameOfValues, weightedDraws, type ColumnSpec, type TrainedRecords, type Values } from '@impflow/tables';
import { rowsOfFrame, type ColumnTypes } from '../../rows/rows-of-frame.ts';
import type { AnyRow } from '../../rows/rows.ts';
import type { RepairOptions } from './types.ts';

/**
 * Draws new cells of some columns given the other cells of a row, and returns the most likely completed row. Returns the
 * row unchanged if no draw has a density.
 */
export const likelyRow = (
  { density, estimated }: TrainedRecords,
  row: { readonly cells: AnyRow; readonly values: Values; readonly types: ColumnTypes },
  columns: readonly ColumnSpec[],
  { draws = 64, seed = 0 }: RepairOptions,
): AnyRow => {
  const specs = density.spec.columns;
  const hasConditions = columns.some(({ given }) => given === true);
  // With conditions, `draws` rows with different conditions are completed once each.
  const start = emptiedRows(row.values, specs, columns, { rows: hasConditions ? draws : 1, key: fold(key(seed), 0) });
  const found = weightedDraws(density, start, {
    draws: hasConditions ? 1 : draws,
    keyOf: (i) => fold(fold(key(seed), 1), i),
    estimated,
    unseen: false,
  });
  let best = -Infinity;
  let cells: readonly number[] | undefined;
  for (const drawn of found)
    drawn?.logDensities.forEach((logDensity, i) => {
      if (logDensity <= best) return;
      best = logDensity;
      cells = drawn.values.columns.map((column) => column[i]!);
    });
  if (cells === undefined) return row.cells;
  const values = { rows: 1, columns: cells.map((cell) => Float64Array.of(cell)), remarks: [] };
  const [likely] = rowsOfFrame(frameOfValues(values, specs, 'draws'), row.types);
  return { ...row.cells, ...Object.fromEntries(columns.map(({ name }) => [name, likely![name]])) };
};

/** Returns copies of a row, in which the given target columns are empty and the given conditions are drawn. */
const emptiedRows = (
  values: Values,
  specs: readonly ColumnSpec[],
  columns: readonly ColumnSpec[],
  { rows, key: own }: { readonly rows: number; readonly key: Key },
): Values => ({
  ...values,
  rows,
  columns: specs.map((spec, j) => {
    if (!columns.includes(spec)) return new Float64Array(rows).fill(values.columns[j]![0]!);
    if (spec.given !== true) return new Float64Array(rows).fill(NaN);
    return uniforms(fold(own, j), rows).map((u) => conditionAt(spec, u));
  }),
});

/**
 * Returns a value of a condition. Each category, and each number of the range of the training rows, has the same
 * probability, because the model does not know how conditions are distributed.
 */
const conditionAt = (column: ColumnSpec, u: number): number => {
  if (column.kind === 'category') return Math.floor(u * column.levels.length);
  const { period, cut = 0, range, whole, date, mean = 0, scale = 1, offset = 0 } = column;
  const [low, high] = period === undefined ? (range ?? [mean - 2 * scale, mean + 2 * scale]) : [cut, cut + period];
  const value = low + u * (high - low);
  // Dates are whole days or seconds.
  return whole === true || date !== undefined ? Math.round(value + offset) - offset : value;
};
