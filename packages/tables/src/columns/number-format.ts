import { cellsWith } from '../frame/cells.ts';
import type { FrameColumn } from '../frame/frame.ts';
import { numberText } from '../frame/number-text.ts';
import type { Decimal } from '../frame/simple-number.ts';
import { clockNumber, type Clock } from './clock.ts';

/**
 * How the numbers of a column are written, if not all of them are plain numbers such as -1234.5. Each part may be
 * missing in a cell: with the format of `$1,234.50`, the cells `1234.5` and `$12` are numbers too.
 */
export interface NumberFormat {
  /** Decimal sign. */
  readonly decimal: Decimal;
  /**
   * Sign between groups of digits. A space stands for every kind of space, and an apostrophe for both kinds of
   * apostrophes.
   */
  readonly group: GroupSign;
  /** Currency, percent sign or unit, before or after the number. Default: the numbers have no unit. */
  readonly unit?: string;
  /** How times and durations such as `07:45` are written. Default: the cells are not times. */
  readonly clock?: Clock;
  /** Whether a single dash is 0, as in Excel's columns of amounts. Default: a single dash is a missing cell. */
  readonly dash?: true;
}

/** Returns the parts of a format that a checkpoint stores. */
export const storedFormat = ({ decimal, group, unit, clock, dash }: NumberFormat): NumberFormat => ({
  decimal,
  group,
  ...(unit === undefined ? {} : { unit }),
  ...(clock === undefined ? {} : { clock }),
  ...(dash === undefined ? {} : { dash }),
});

/** Signs that can separate groups of digits: 1,234 and 1.234 and 1 234 and 1'234. */
export type GroupSign = ',' | '.' | ' ' | "'";

/** A cell that may be a number. */
export interface NumberParts {
  /** Digits, with signs between them. */
  readonly digits: string;
  /** Whether the cell has a minus sign in front or at the end, or parentheses, as in accounting. */
  readonly negative: boolean;
  /** Whether the cell has parentheses. */
  readonly enclosed: boolean;
  /** Currency, percent sign or unit. An empty string if the cell has none. */
  readonly unit: string;
}

/** Longer cells do not count as numbers, because matching the pattern may take quadratic time. */
const LONGEST = 50;
const SPACES = String.raw` \u00A0\u2009\u202F`;
const MINUS = String.raw`[-\u2212]`;
const CELL = new RegExp(
  String.raw`^(?<open>\()?(?<sign>\+|${MINUS})?\s*(?<before>[\p{L}\p{Sc}][\p{L}\p{Sc}.]{0,4})?\s*(?<inner>\()?(?<signed>\+|${MINUS})?\s*` +
    String.raw`(?<digits>[.,]?\d(?:[\d.,'’${SPACES}]*\d)?)` +
    String.raw`\s*(?<minus>${MINUS})?(?<end>\))?\s*(?<after>[\p{L}\p{Sc}%‰°][\p{L}\p{N}\p{Sc}%‰°²³·/^.]{0,11})?(?<last>${MINUS})?(?<close>\))?$`,
  'u',
);
/** Currencies that stand before a number as a word. Any word may be a unit after a number. */
const CURRENCIES = new Set(
  'USD EUR GBP JPY CHF CNY CAD AUD NZD SEK NOK DKK PLN CZK HUF RON INR BRL MXN ZAR KRW SGD HKD TWD THB TRY ILS AED SAR IDR MYR PHP VND RUB UAH ARS CLP COP Fr. Rs Rs. Rp RM kr kr.'.split(
    ' ',
  ),
);
/** Currency sign, possibly with the letters of a country, as in `US$`. */
const SIGN = /^\p{Lu}{0,3}\p{Sc}$/u;

/** A zero as Excel writes it in a column of amounts, such as `$-` and `- €`. */
const EXCEL_ZERO = /^(?<before>\p{Lu}{0,3}\p{Sc})\s*[-–]$|^[-–]\s*(?<after>\p{Sc})$/u;
/** A single dash, which is 0 beside such zeros. */
export const isDash = (cell: string): boolean => /^[-–]$/.test(cell);

/** A hexadecimal number such as 0x1F, which is not a zero with a unit. */
export const HEXADECIMAL: RegExp = /^0x/i;

/** Whether a unit is a currency. */
export const isCurrency = (unit: string | undefined): boolean =>
  unit !== undefined && (SIGN.test(unit) || CURRENCIES.has(unit));

/** Divides a cell into digits, sign and unit. Returns undefined if the cell cannot be a number. */
export const numberParts = (cell: string): NumberParts | undefined => {
  const zero = EXCEL_ZERO.exec(cell)?.groups;
  if (zero !== undefined)
    return { digits: '0', negative: false, enclosed: false, unit: zero['before'] ?? zero['after']! };
  const found = cell.length > LONGEST ? undefined : CELL.exec(cell)?.groups;
  if (found === undefined) return undefined;
  const { open, sign, before = '', inner, signed, digits, minus, end, after = '', last, close } = found;
  const count = (...parts: readonly (string | undefined)[]): number =>
    parts.reduce((sum, part) => sum + (part === undefined ? 0 : 1), 0);
  const enclosed = count(open, inner) === 1;
  const isAmount = before === '' || (after === '' && (SIGN.test(before) || CURRENCIES.has(before)));
  if (!isAmount || count(open, inner) !== count(end, close) || count(open, inner, sign, signed, minus, last) > 1)
    return undefined;
  const isMinus = (mark: string | undefined): boolean => mark !== undefined && mark !== '+';
  return {
    digits: digits!,
    negative: enclosed || [sign, signed, minus, last].some(isMinus),
    enclosed,
    unit: before + after,
  };
};

const GROUPED: Readonly<Record<GroupSign, string>> = {
  // The second form is usual in India: 12,34,567.
  ',': String.raw`[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d?(?:,\d\d)+,\d{3}`,
  '.': String.raw`[1-9]\d{0,2}(?:\.\d{3})+`,
  ' ': String.raw`[1-9]\d{0,2}(?:[${SPACES}]\d{3})+`,
  "'": String.raw`[1-9]\d{0,2}(?:['’]\d{3})+`,
};

/** Returns a function that converts the digits of a cell to a number, or to NaN if they do not have this format. */
export const digitsReader = ({
  decimal,
  group,
}: Pick<NumberFormat, 'decimal' | 'group'>): ((digits: string) => number) => {
  const pattern = new RegExp(
    String.raw`^(?<whole>${GROUPED[group]}|\d+|(?=[${decimal}]))(?:[${decimal}](?<part>\d+))?$`,
  );
  return (digits) => {
    const found = pattern.exec(digits)?.groups;
    return found === undefined ? NaN : Number(`${found['whole']!.replace(/\D/g, '')}.${found['part'] ?? '0'}`);
  };
};

/** Returns a function that reads a cell in a format, and returns NaN if the cell does not have the format. */
const exactReader = (format: NumberFormat): ((cell: string) => number) => {
  const { clock } = format;
  if (clock !== undefined) return (cell) => clockNumber(cell, clock);
  const valueOf = digitsReader(format);
  return (cell) => {
    if (format.dash === true && isDash(cell)) return 0;
    const parts = numberParts(cell);
    if (parts === undefined || (parts.unit !== '' && parts.unit !== format.unit)) return NaN;
    const size = valueOf(parts.digits);
    // The subtraction gives 0 for -0.
    return parts.negative ? 0 - size : size;
  };
};

/** Returns the number in a plain cell with a decimal point, and NaN for any other cell. */
export const plainNumber: (cell: string) => number = cellsWith('.').numberOf;

/**
 * Returns the numbers of a column whose cells are written in a format, `[rows]`. A cell that does not have the format is
 * read as a plain number with a decimal point, so that the numbers that a program writes can be read again. NaN marks a
 * missing cell, and a cell that is not a number. A cell without text is a number already.
 */
export const formattedNumbers = ({ numbers, written }: FrameColumn, format: NumberFormat): Float64Array => {
  if (written === undefined) return numbers;
  const exact = exactReader(format);
  const read = (cell: string): number => {
    const value = exact(cell);
    return Number.isNaN(value) ? plainNumber(cell) : value;
  };
  return numbers.map((value, row) => (written[row] === undefined ? value : read(written[row])));
};

/**
 * Returns the row of a plain number such as `1.5` in a column that also has a cell such as `1.234`, which is read as 1234
 * because points separate groups of digits. Returns -1 if the column has no such pair, so that all cells have one
 * meaning.
 */
export const contradictingRow = ({ written = [] }: FrameColumn, format: NumberFormat): number => {
  if (format.group !== '.') return -1;
  const [exact, isTwofold] = [exactReader(format), twofold(format)];
  const isPlain = (text: string | undefined): boolean =>
    text !== undefined &&
    text.includes('.') &&
    Number.isNaN(exact(text)) &&
    !SAFE.test(text) &&
    !Number.isNaN(plainNumber(text));
  return written.some(isTwofold) ? written.findIndex(isPlain) : -1;
};

/** Returns a function that returns whether a text is one number in a format and another plain number. */
const twofold = (format: NumberFormat): ((text: string | undefined) => boolean) => {
  const exact = exactReader(format);
  return (text) => {
    if (text === undefined) return false;
    const [value, plain] = [exact(text), plainNumber(text)];
    return !Number.isNaN(value) && !Number.isNaN(plain) && value !== plain;
  };
};

/** Pattern of the texts that {@link plainColumn} changes, which do not contradict a cell such as `1.234`. */
const SAFE = /^[+-]?[1-9]\d{0,2}\.\d{3}0$/;

/**
 * Returns a column of plain numbers that are read again as the same numbers in a format. With points between groups of
 * digits, `1.234` would be read as 1234, so this number is written as `1.2340`. A float32 number in such a cell becomes
 * the number that the cell shows.
 */
export const plainColumn = (name: string, numbers: Float64Array, format: NumberFormat): FrameColumn => {
  const isTwofold = twofold(format);
  const texts = Array.from(numbers, (value) => (Number.isNaN(value) ? undefined : numberText(value)));
  if (!texts.some(isTwofold)) return { name, numbers };
  return {
    name,
    numbers: numbers.map((value, row) => (isTwofold(texts[row]) ? Number(texts[row]) : value)),
    written: texts.map((text) => (isTwofold(text) ? `${text}0` : text)),
  };
};
