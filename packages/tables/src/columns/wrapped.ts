import type { NumberColumn } from './spec.ts';

/**
 * Moves a value of a periodic column into the period that begins at `cut`. A value of a column without a period is
 * returned unchanged.
 */
export const wrapped = (value: number, { period, cut = 0 }: Pick<NumberColumn, 'period' | 'cut'>): number =>
  period === undefined ? value : value - period * Math.floor((value - cut) / period);
