import { number } from 'impflow/run';
import type { RecordCell } from '../frame-cells.ts';
import { greatestFirst, type CellReason } from './explained.ts';

/** Number of explained cells that the terminal shows for a row. */
const SHOWN = 2;
/** Minimum value of `part`, in nats, of a cell that is shown. Usual cells have values of `part` around 0. */
const LEAST = 1;

/**
 * Describes the cells of a row with the largest values of `part`, such as `Body Mass (g) 9,000, typical 4,200: 23
 * nats`.
 */
export const reasonText = (reasons: readonly CellReason[]): string => {
  const shown = greatestFirst(reasons)
    .filter(({ part }) => part >= LEAST)
    .slice(0, SHOWN);
  if (shown.length > 0)
    return shown
      .map(
        ({ column, value, typical, part }) =>
          `${column} ${cellText(value)}, typical ${cellText(typical)}: ${number(part, 2)} nats`,
      )
      .join('; ');
  return reasons.every(({ part }) => Number.isNaN(part)) ? 'unknown' : 'no single column';
};

/** Returns a cell as text. A number is rounded to four digits. */
export const cellText = (cell: RecordCell): string =>
  cell === undefined ? 'missing' : typeof cell === 'number' ? number(cell) : cell;
