import { cellsWith, isGapAmongNumbers, keptCell } from '../frame/cells.ts';
import type { Decimal } from '../frame/simple-number.ts';
import { WHOLE, type ColumnForm } from '../read/frame-columns.ts';

/**
 * Collects facts about the cells of each column from all parts of a file, because a column of a `Frame` contains texts
 * or numbers depending on all rows of the file. If a column contains text in any row, `-` counts as text, and numbers are kept as they are written. In all
 * other columns, `-` is a missing cell.
 */
export interface ColumnFacts {
  /**
   * Records the kind of a cell of column `j`. `cell` is the string in the file. Cells beyond the last column are
   * ignored.
   */
  take(j: number, cell: string): void;
  /**
   * Records that column `j` contains a number that a frame does not store as a string, because `String` reproduces it,
   * or because it is not a whole number.
   */
  number(j: number): void;
  /** Whether the form of column `j` is final, so that no further cell can change it. */
  isSettled(j: number): boolean;
  /**
   * Returns, for each column, the form in which a frame stores it: only numbers, also written numbers, or also text.
   */
  keeps(): readonly ColumnForm[];
}

const [NUMBER, TEXT, MARK, DIGITS] = [1, 2, 4, 8];

/** Creates an empty collection of facts about `width` columns. */
export const columnFacts = (width: number, decimal: Decimal): ColumnFacts => {
  const facts = new Uint8Array(width);
  const reader = cellsWith(decimal);
  const kindOf = (padded: string): number => {
    const cell = padded.trim();
    const value = reader.numberOf(cell);
    return factOf(value, keptCell(cell, value));
  };
  return {
    take: (j, cell) => {
      if (j < width) facts[j]! |= kindOf(cell);
    },
    number: (j) => {
      facts[j]! |= NUMBER;
    },
    isSettled: (j) => (facts[j]! & TEXT) !== 0,
    keeps: () => Array.from(facts, formOfFacts),
  };
};

/**
 * Returns the fact that a cell adds to the facts about its column, which are joined by a bitwise or. `kept` is the
 * string that a frame keeps of the cell in addition to its number: see `keptCell`.
 */
export const factOf = (value: number, kept: string | undefined): number => {
  if (!Number.isNaN(value)) return kept !== undefined && WHOLE.test(kept) ? NUMBER | DIGITS : NUMBER;
  if (kept === undefined) return 0;
  return isGapAmongNumbers(kept) ? MARK : TEXT;
};

/** Returns the form in which a frame stores a column with these facts. */
export const formOfFacts = (facts: number): ColumnForm => {
  if ((facts & TEXT) !== 0 || ((facts & MARK) !== 0 && (facts & NUMBER) === 0)) return 'texts';
  return (facts & DIGITS) === 0 ? 'numbers' : 'written';
};
