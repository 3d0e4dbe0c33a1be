import { formattedNumbers, plainColumn } from '../columns/number-format.ts';
import type { ColumnSpec } from '../columns/spec.ts';
import { pickFrameRows } from '../frame/frame-rows.ts';
import type { Frame } from '../frame/frame.ts';

/**
 * Returns the drawn rows, in which the cells of the conditions are replaced by the given cells. So a date keeps its
 * year even if the model uses only the season. Numbers in a format become plain numbers.
 *
 * @param given Cells of the conditions: one row for all draws, or one row for each draw.
 */
export const withGiven = (drawn: Frame, given: Frame, columns: readonly ColumnSpec[]): Frame => {
  const cells = given.rows === drawn.rows ? given : pickFrameRows(given, new Uint32Array(drawn.rows));
  const conditions = new Map(columns.filter((column) => column.given === true).map((column) => [column.name, column]));
  return {
    ...drawn,
    columns: drawn.columns.map((column) => {
      const condition = conditions.get(column.name);
      if (condition === undefined) return column;
      const own = cells.columns.find(({ name }) => name === column.name)!;
      return condition.kind === 'category' || condition.format === undefined
        ? own
        : plainColumn(own.name, formattedNumbers(own, condition.format), condition.format);
    }),
  };
};
