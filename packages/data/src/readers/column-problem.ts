import type { RawColumn } from './raw.ts';

/** Why a column does not hold finite float32 numbers. */
export interface ColumnProblem {
  readonly kind: 'text' | 'infinite' | 'too-large' | 'missing';
  /** The first row where it is so, counted from 0. */
  readonly row: number;
  /** What stands there; of a missing cell nothing. */
  readonly cell: string;
  /** Of missing cells how many there are, and 1 otherwise. */
  readonly count: number;
}

const FLOAT32_MAX = 2 ** 128 - 2 ** 104;

/** The first thing wrong with a column of `rows` cells, missing ones last; nothing where it is sound. */
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
