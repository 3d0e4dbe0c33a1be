import { undefused } from './formula-names.ts';
import type { CellType } from './frame.ts';
import { isPlain, simpleNumber, type Decimal } from './simple-number.ts';

const NUMBER: Readonly<Record<Decimal, RegExp>> = {
  '.': /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i,
  ',': /^[+-]?(\d+,?\d*|,\d+)(e[+-]?\d+)?$/i,
};
const INFINITE = /^[+-]?inf(inity)?$/i;
const MISSING = /^([+-]?nan|na|n\/a|null|none)?$/i;

/** Functions that read cells. Spaces around a cell do not count. */
export interface CellReader {
  /** Whether a cell is neither a number nor a gap. */
  isText(cell: string): boolean;
  /** Returns the number in a cell, or NaN if the cell is not a number. */
  numberOf(cell: string): number;
}

/** Returns functions that read cells with this decimal sign. */
export const cellsWith = (decimal: Decimal): CellReader => {
  const pattern = NUMBER[decimal];
  return {
    isText: (cell) => {
      if (!Number.isNaN(simpleNumber(cell, decimal))) return false;
      const trimmed = cell.trim();
      return !pattern.test(trimmed) && !INFINITE.test(trimmed) && !MISSING.test(trimmed);
    },
    numberOf: (cell) => {
      const simple = simpleNumber(cell, decimal);
      if (!Number.isNaN(simple)) return simple;
      const trimmed = cell.trim();
      if (pattern.test(trimmed)) return Number(decimal === '.' ? trimmed : trimmed.replace(',', '.'));
      return INFINITE.test(trimmed) ? (trimmed.startsWith('-') ? -Infinity : Infinity) : NaN;
    },
  };
};

// The names of a gap in R, pandas, spreadsheets and SQL, as these programs spell them. Other spellings, such as `none`
// and `na`, can be categories.
const GAPS = new Set([
  '',
  'NA',
  'N/A',
  'n/a',
  'NULL',
  'null',
  'None',
  'NaN',
  'nan',
  'NaT',
  '<NA>',
  '#N/A',
  String.raw`\N`,
]);
const MARK = /^([-–—]{1,3}|\?{1,3}|\.{1,3})$/;

/**
 * Whether a trimmed cell is missing in a column of numbers: empty, `NA`, `N/A`, `NULL`, `None` or `NaN` in any case,
 * `NaT`, `<NA>`, `#N/A`, `\N`, or one to three dashes, question marks or points. In other columns some of these are
 * texts: see `readFrame`.
 */
export const isGapAmongNumbers = (cell: string): boolean => GAPS.has(cell) || MISSING.test(cell) || MARK.test(cell);

/**
 * Returns a trimmed cell without the apostrophe that keeps a spreadsheet from running the cell as a formula. The
 * apostrophe before a number stays: without it, the cell would no longer be a text.
 */
export const bareText = (cell: string, { numberOf }: CellReader): string => {
  const bare = undefused(cell);
  return Number.isNaN(numberOf(bare)) ? bare : cell;
};

/**
 * Returns the part of a trimmed cell that a frame must keep besides its number: a text, or a number that is not written
 * as `String` writes it. `undefined` for other numbers, and for cells that are missing in every column.
 */
export const keptCell = (cell: string, value: number): string | undefined => {
  if (Number.isNaN(value)) return GAPS.has(cell) ? undefined : cell;
  const plain = Object.is(simpleNumber(cell, '.'), value) && isPlain(cell, value);
  return plain || String(value) === cell ? undefined : cell;
};

/** A cell. */
interface ReadCell {
  /** The number in the cell, or NaN. */
  readonly value: number;
  /** The text to keep besides the number: see `keptCell`. */
  readonly cell?: string;
  /** Type of the value; left out for a gap. */
  readonly type?: CellType | 'number';
}

/**
 * Reads a value as a cell: a number, and the text to keep besides it. Texts are read as in a CSV with a decimal point,
 * booleans are the texts `true` and `false`, dates are texts in ISO format in UTC, `null` and `undefined` are missing.
 * Returns `undefined` for any other value, and for an invalid date.
 */
export const readCell = (value: unknown): ReadCell | undefined => {
  if (value === null || value === undefined || Number.isNaN(value)) return { value: NaN };
  if (typeof value === 'number') return { value, type: 'number' };
  if (typeof value === 'boolean') return { value: NaN, cell: String(value), type: 'boolean' };
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? undefined : { value: NaN, cell: value.toISOString(), type: 'date' };
  if (typeof value !== 'string' && typeof value !== 'bigint') return undefined;
  const text = String(value).trim();
  const number = POINT.numberOf(text);
  const cell = keptCell(text, number);
  if (cell === undefined && Number.isNaN(number)) return { value: NaN };
  return {
    value: number,
    ...(cell === undefined ? {} : { cell }),
    type: typeof value === 'string' ? 'string' : 'bigint',
  };
};

const POINT = cellsWith('.');
