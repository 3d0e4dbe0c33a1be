import { inUnits } from '../columns/offsets.ts';
import type { Frame } from './frame.ts';
import type { Table } from './table.ts';

/**
 * Returns a table as a frame of its numbers, in the units of the file: offsets are added in float64, as by
 * {@link inUnits}.
 */
export const frameOfTable = ({ columns, rows, values, offsets = {}, source, remarks }: Table): Frame => {
  const numbers = inUnits(values, columns, offsets);
  const width = columns.length;
  return {
    columns: columns.map((name, j) => ({
      name,
      numbers: Float64Array.from({ length: rows }, (_, row) => numbers[row * width + j]!),
    })),
    rows,
    source,
    ...(remarks === undefined ? {} : { remarks }),
    place: (row) => `row ${row + 1}`,
  };
};
