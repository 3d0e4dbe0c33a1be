import type { CellType } from './frame.ts';
import { isPlain, simpleNumber, type Decimal } from './simple-number.ts';

const NUMBER: Readonly<Record<Decimal, RegExp>> = {
  '.': /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i,
  ',': /^[+-]?(\d+,?\d*|,\d+)(e[+-]?\d+)?$/i,
};
const INFINITE = /^[+-]?inf(inity)?$/i;
const MISSING = /^([+-]?nan|na|n\/a|null|none)?$/i;

/** Functions that read the text of a cell. Spaces around the text are ignored. */
export interface CellReader {
  /** Whether a cell is text: not a number, and not missing. */
  isText(cell: string): boolean;
  /** Returns the number in a cell, or NaN if the cell is not a number. */
  numberOf(cell: string): number;
}

/** Returns functions that read cells whose numbers have the given decimal sign. */
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

// Words for a missing cell in R, pandas, spreadsheets and SQL, exactly as these programs write the words. Other
// spellings of the words, such as `none` and `na`, may be categories.
const GAPS = new Set(['', 'NA', 'N/A', 'n/a', 'NULL', 'null', 'None', 'NaN', 'nan', 'NaT', '<NA>', String.raw`\N`]);
// Errors of spreadsheets, in English, German and French.
const ERROR = /^#(N\/A|NV|N\/D|DIV\/0!|NAME\?|NOM\?|VALUE!|WERT!|VALEUR!|REF!|BEZUG!|NULL!|NUL!|NUM!|ZAHL!|NOMBRE!)$/;
const ZERO_DATE = /^(?:00([./-])00\1(?:00)?00|0000([./-])00(?:\2)00)(?:[T ]00:00(?::00)?)?$/;
const MARK = /^([-–—]{1,3}|\?{1,3}|\.{1,3})$/;

/**
 * Whether a trimmed cell is missing in a column of numbers: empty, `NA`, `N/A`, `NULL`, `None` or `NaN` in any case,
 * `NaT`, `<NA>`, `\N`, an error of a spreadsheet such as `#N/A`, or one to three dashes, question marks or points. In a column with text, some cells of
 * this kind count as text: see `readFrame`.
 */
export const isGapAmongNumbers = (cell: string): boolean => isGap(cell) || MISSING.test(cell) || MARK.test(cell);

/** Whether a trimmed cell is missing in every kind of column. */
const isGap = (cell: string): boolean => GAPS.has(cell) || ERROR.test(cell);

/** Whether a trimmed cell is missing in a column of dates: also `00.00.0000` and `0000-00-00`. */
export const isGapAmongDates = (cell: string): boolean => isGapAmongNumbers(cell) || isZeroDate(cell);

/** Whether a trimmed cell is a date of zeros, such as `00.00.0000`. */
export const isZeroDate = (cell: string): boolean => ZERO_DATE.test(cell);

/** Whether a trimmed cell is an error of a spreadsheet, such as `#DIV/0!`. Such cells are missing in every column. */
export const isSheetError = (cell: string): boolean => ERROR.test(cell);

/**
 * Returns a trimmed cell if a frame must keep it as a string in addition to its number. A frame must keep text, and a
 * number that is not written as `String` writes it. Returns `undefined` for all other numbers, and for cells that are
 * missing in every kind of column.
 */
export const keptCell = (cell: string, value: number): string | undefined => {
  if (Number.isNaN(value)) return isGap(cell) ? undefined : cell;
  const plain = Object.is(simpleNumber(cell, '.'), value) && isPlain(cell, value);
  return plain || String(value) === cell ? undefined : cell;
};

/** Result of `readCell`: the number in a cell, and the string to keep. */
interface ReadCell {
  /** The number in the cell, or NaN. */
  readonly value: number;
  /** The string to keep in addition to the number: see `keptCell`. */
  readonly cell?: string;
  /** JavaScript type of the value. Undefined for a missing cell. */
  readonly type?: CellType | 'number';
}

/**
 * Converts a JavaScript value to a cell: a number, and the string to keep in addition. Strings are read as in a CSV
 * with a decimal point. Booleans become the strings `true` and `false`. Dates become strings in ISO format in UTC.
 * `null`, `undefined` and NaN are missing cells. Returns `undefined` for a value of any other type, and for an invalid
 * date.
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
