import { nearest } from '@impflow/core';
import type { ColumnSpec, NumberColumn } from '@impflow/tables';
import type { Cell } from '../../rows/rows.ts';

/** Factors between a number and a number with a misplaced decimal point or a wrong sign. */
const FACTORS = [0.1, 10, 0.01, 100, 0.001, 1000, -1];
/** Share of the resolution by which a number on the grid of its column may be off, because of rounding. */
const OFF_GRID = 1e-6;

/**
 * Returns the values from which a slip of the hand makes the value of a cell. For a plain number, the results are the
 * number with its decimal point moved by up to three places, and with the other sign, if they are on the grid of the
 * column. For a category that training did not see, the result is the most similar category. Other cells have none.
 */
export const slipsOf = (value: Cell, column: ColumnSpec): readonly Cell[] => {
  if (column.kind === 'category') {
    if (typeof value !== 'string' || column.levels.includes(value)) return [];
    const similar = nearest(value, column.levels);
    return similar === undefined ? [] : [similar];
  }
  if (column.date !== undefined || column.format !== undefined || column.period !== undefined) return [];
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'bigint')
    return numbersNear(Number(number), column).flatMap((each) => (Number.isSafeInteger(each) ? [BigInt(each)] : []));
  return typeof number === 'number' && Number.isFinite(number) ? numbersNear(number, column) : [];
};

const numbersNear = (number: number, column: NumberColumn): readonly number[] =>
  // 15 digits: 1.1 times 10 is 11, not 11.000000000000002.
  FACTORS.map((factor) =>
    Number((factor < 1 && factor > 0 ? number / (1 / factor) : number * factor).toPrecision(15)),
  ).filter((each) => each !== number && isOnGrid(each, column));

const isOnGrid = (number: number, { whole, resolution, spikes, offset = 0 }: NumberColumn): boolean => {
  if (whole === true && !Number.isInteger(number)) return false;
  if (resolution === undefined || spikes !== undefined) return true;
  const steps = (number - offset) / resolution;
  return Math.abs(steps - Math.round(steps)) < OFF_GRID;
};
