import type { ColumnSpec } from '../columns/spec.ts';
import { pickFrameRows } from '../frame/frame-rows.ts';
import type { Frame } from '../frame/frame.ts';

/**
 * Returns the drawn rows, in which the cells of the conditions are replaced by the given cells. So a date keeps its
 * year even if the model uses only the season.
 *
 * @param given Cells of the conditions: one row for all draws, or one row for each draw.
 */
export const withGiven = (drawn: Frame, given: Frame, columns: readonly ColumnSpec[]): Frame => {
  const cells = given.rows === drawn.rows ? given : pickFrameRows(given, new Uint32Array(drawn.rows));
  const isCondition = new Set(columns.filter((column) => column.given === true).map(({ name }) => name));
  return {
    ...drawn,
    columns: drawn.columns.map((column) =>
      isCondition.has(column.name) ? cells.columns.find(({ name }) => name === column.name)! : column,
    ),
  };
};
