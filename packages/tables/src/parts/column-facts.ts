import { bareText, cellsWith, isGapAmongNumbers, keptCell } from '../frame/cells.ts';
import type { Decimal } from '../frame/simple-number.ts';
import { WHOLE } from '../read/frame-columns.ts';
import type { CsvReading } from './table-part.ts';

/**
 * Facts about the cells of each column. The form of a column in a frame depends on all rows of the file. If a column
 * has texts anywhere, `-` is a text and numbers are kept as written. Otherwise `-` is a gap.
 */
export interface ColumnFacts {
  /** Records the kind of a cell of column `j`. The cell is as in the file. Cells beyond the last column are ignored. */
  take(j: number, cell: string): void;
  /**
   * Records that column `j` has a number that a frame need not keep as written, because `String` gives the same text or
   * the number is not whole.
   */
  number(j: number): void;
  /** Whether the kept form of column `j` is final: no other cell changes it. */
  isSettled(j: number): boolean;
  /** Returns the form in which a frame keeps each column. */
  keeps(): CsvReading['keeps'];
}

const [NUMBER, TEXT, MARK, DIGITS] = [1, 2, 4, 8];

/** Returns the facts about `width` columns, before any cell is recorded. */
export const columnFacts = (width: number, decimal: Decimal): ColumnFacts => {
  const facts = new Uint8Array(width);
  const reader = cellsWith(decimal);
  const kindOf = (padded: string): number => {
    const cell = padded.trim();
    const value = reader.numberOf(cell);
    if (!Number.isNaN(value)) return WHOLE.test(cell) && keptCell(cell, value) !== undefined ? NUMBER | DIGITS : NUMBER;
    const kept = keptCell(bareText(cell, reader), NaN);
    if (kept === undefined) return 0;
    return isGapAmongNumbers(kept) ? MARK : TEXT;
  };
  return {
    take: (j, cell) => {
      if (j < width) facts[j]! |= kindOf(cell);
    },
    number: (j) => {
      facts[j]! |= NUMBER;
    },
    isSettled: (j) => (facts[j]! & TEXT) !== 0,
    keeps: () =>
      Array.from(facts, (fact) => {
        if ((fact & TEXT) !== 0 || ((fact & MARK) !== 0 && (fact & NUMBER) === 0)) return 'texts';
        return (fact & DIGITS) === 0 ? 'numbers' : 'written';
      }),
  };
};
