import { dateText, type FittedColumns, type Frame, type Layout } from '@impflow/tables';
import { number } from '../text/format.ts';
import type { Part } from './part.ts';

/** Largest number of cells that the sentences name. */
const NAMED = 5;

/**
 * Returns a sentence for each cell of the test rows that lies outside the support of the map of its column. The density
 * of such a row is 0, so the mean loss of the test rows is infinite.
 *
 * @param frame The test rows, in the order of the part.
 */
export const beyondBounds = (
  { columns, maps }: FittedColumns,
  { numbers }: Layout,
  { cells, values }: Part,
  frame: Frame,
): readonly string[] => {
  const found = numbers.flatMap((j, k) => {
    const [column, map] = [columns[j]!, maps[k]!];
    if (column.kind !== 'number' || (map.map !== 'log' && map.map !== 'logit')) return [];
    const { name, offset = 0, date } = column;
    const upper = map.map === 'log' ? Infinity : map.upper;
    const text = (value: number): string =>
      date === undefined ? number(value + offset) : dateText(value + offset, date);
    const range = map.map === 'log' ? `above ${text(map.lower)}` : `between ${text(map.lower)} and ${text(map.upper)}`;
    return Array.from(values.columns[j]!.keys())
      .filter((row) => values.columns[j]![row]! <= map.lower || values.columns[j]![row]! >= upper)
      .map(
        (row) =>
          `The cell ${text(cells.columns[j]![row]!)} of "${name}" in ${frame.place(row)} of ${frame.source} is not ${range}, as all training and validation rows are: the density of this test row is 0. If the column has no such bound, set the option transform to none:${name}.`,
      );
  });
  const rest = found.length - NAMED;
  return rest <= 0
    ? found
    : [...found.slice(0, NAMED), `${rest} more cells of the test rows lie outside the bounds of their columns.`];
};
