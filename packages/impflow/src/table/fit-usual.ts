import { columnMapAt } from '@impflow/flows';
import {
  atMiddle,
  fitColumns,
  layoutOf,
  pickFrameRows,
  valuesOf,
  type ColumnPlan,
  type FittedColumns,
  type Frame,
  type GapMarks,
} from '@impflow/tables';
import { transformOf } from './column-texts.ts';
import type { FarCells } from './far-cells.ts';

/**
 * Returns the rows without far cells, or all rows if each row has a far cell, because there must be validation rows.
 */
export const usualOrAll = (far: FarCells, frame: Frame, rows: Uint32Array): Uint32Array => {
  const usual = far.usual(frame, rows);
  return usual.length === 0 ? rows : usual;
};

/**
 * Fits the columns to the training rows without far cells. A column without a map in the option gets the identity map if
 * a far cell of the training rows lies outside the support of the map that is chosen for it, because the density of such
 * a row would be 0.
 *
 * @param trained Indices of the training rows without far cells.
 * @param all Indices of all training rows.
 * @param within Validation rows, which the supports of the maps must contain.
 */
export const fitUsual = (
  raw: Frame,
  { trained, all, within }: { readonly trained: Uint32Array; readonly all: Uint32Array; readonly within: Frame },
  plans: readonly ColumnPlan[],
  { transform: texts, marks }: { readonly transform: readonly string[] | undefined; readonly marks: GapMarks },
): FittedColumns => {
  const train = pickFrameRows(raw, trained);
  const transform = transformOf(texts);
  const named = typeof transform === 'string' ? {} : transform;
  const fitted = fitColumns(train, plans, { transform, within });
  const usual = new Set(trained);
  const far = all.filter((row) => !usual.has(row));
  const cells = atMiddle(valuesOf(pickFrameRows(raw, far), fitted.columns), fitted.columns);
  const outside = layoutOf(fitted).numbers.filter((j, i) => {
    const at = columnMapAt(fitted.maps[i]!);
    if (Object.hasOwn(named, fitted.columns[j]!.name)) return false;
    return cells.columns[j]!.some((value) => at(value).logSlope === -Infinity);
  });
  const { columns, maps } =
    outside.length === 0
      ? fitted
      : fitColumns(train, plans, {
          within,
          transform: Object.fromEntries([
            ...Object.entries(named),
            ...outside.map((j) => [fitted.columns[j]!.name, { map: 'identity' }] as const),
          ]),
        });
  return {
    columns: columns.map((column) =>
      Object.hasOwn(marks, column.name) ? { ...column, gaps: marks[column.name]! } : column,
    ),
    maps,
  };
};

/** Returns a sentence for the user that states how many rows with far cells training leaves out. */
export const leftOutRemarks = (rows: number): readonly string[] =>
  rows === 0
    ? []
    : [
        rows === 1
          ? 'Training leaves out the row with a far cell, so that it does not determine the scale of the other rows.'
          : `Training leaves out the ${rows} rows with far cells, so that they do not determine the scale of the other rows.`,
      ];
