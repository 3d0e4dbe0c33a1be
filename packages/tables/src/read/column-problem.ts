import type { RawColumn } from './raw.ts';

/** Why a column does not hold finite float32 numbers. */
export interface ColumnProblem {
  /**
   * `text`: not a number. `infinite`: an infinite number. `too-large`: a number beyond float32. `missing`: no value.
   */
  readonly kind: 'text' | 'infinite' | 'too-large' | 'missing';
  /** First row with the problem, counted from 0. */
  readonly row: number;
  /** Content of that cell. Empty for `missing`. */
  readonly cell: string;
  /** Number of missing cells for `missing`, otherwise 1. */
  readonly count: number;
}

const FLOAT32_MAX = 2 ** 128 - 2 ** 104;

/**
 * Returns the first problem of a column of `rows` cells, or `undefined`. Missing cells are reported only without
 * another one.
 */
export const columnProblem = ({ values, text }: RawColumn, rows: number): ColumnProblem | undefined => {
  if (text !== undefined) return { kind: 'text', ...text, count: 1 };
  let [missing, firstMissing] = [0, -1];
  for (let row = 0; row < rows; row++) {
    const value = values[row]!;
    if (Number.isNaN(value)) {
      if (missing++ === 0) firstMissing = row;
    } else if (Math.abs(value) > FLOAT32_MAX) {
      return { kind: Number.isFinite(value) ? 'too-large' : 'infinite', row, cell: String(value), count: 1 };
    }
  }
  return missing === 0 ? undefined : { kind: 'missing', row: firstMissing, cell: '', count: missing };
};
