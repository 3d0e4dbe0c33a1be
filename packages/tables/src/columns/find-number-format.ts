import { isGapAmongNumbers } from '../frame/cells.ts';
import type { FrameColumn } from '../frame/frame.ts';
import type { Decimal } from '../frame/simple-number.ts';
import {
  digitsReader,
  HEXADECIMAL,
  isCurrency,
  isDash,
  numberParts,
  plainNumber,
  type GroupSign,
  type NumberFormat,
  type NumberParts,
} from './number-format.ts';
import { categoryText } from './values.ts';

/** Result of {@link findNumberFormat} for a column of numbers. */
export interface FoundFormat extends NumberFormat {
  /** All cells have the format. */
  readonly kind: 'format';
  /** Number of cells that would not be read as the same number without the format. */
  readonly cells: number;
  /** The longest of these cells, and its number. */
  readonly example: { readonly cell: string; readonly value: number };
  /** Number of cells that contain only a dash. A dash is 0 in a column of amounts. Undefined if the column has no such cell. */
  readonly dashes?: number;
  /** The number of the example with the other decimal sign. Undefined if only one decimal sign is possible. */
  readonly otherwise?: number;
}

/** Result of {@link findNumberFormat} for a column in which most cells, but not all, have one format. */
export interface AlmostFormat {
  /** Most cells have one format. */
  readonly kind: 'almost';
  /** Row, counted from 0, of the first cell that does not have the format. */
  readonly row: number;
  /** The cell in the row with the index `row`. */
  readonly cell: string;
  /** The longest cell that would not be read as the same number without the format. */
  readonly example: string;
}

/** Options of {@link findNumberFormat}. */
export interface FindFormatOptions {
  /** Decimal sign that is used if both signs are possible. */
  readonly usual: Decimal;
  /** The only decimal sign that is possible. Default: a point and a comma are possible. */
  readonly decimal?: Decimal | undefined;
  /** Smallest share of the cells that must have the format. If fewer cells have it, the result is undefined. */
  readonly least: number;
}

/** The possible signs. Groups of digits are separated by the sign that is not the decimal sign, or by a third sign. */
const SIGNS: readonly { readonly decimal: Decimal; readonly group: GroupSign }[] = [
  { decimal: '.', group: ',' },
  { decimal: ',', group: '.' },
  { decimal: '.', group: ' ' },
  { decimal: ',', group: ' ' },
  { decimal: '.', group: "'" },
  { decimal: ',', group: "'" },
];

const ZERO = /^0+([.,]0+)?$/;
/** If all cells have the same number of digits, at least this number, and two or more groups, they are identifiers. */
const IDENTIFIER_DIGITS = 7;

/**
 * Decides whether the cells of a column are numbers in one format: with signs between groups of digits, a decimal comma,
 * a currency, a percent sign, a unit, a trailing minus or parentheses for negative numbers. All cells have the same
 * unit; a zero may lack it. A percentage stays a percentage: `7.3%` is 7.3.
 *
 * @returns The format if all cells have it; the first cell that does not have it if at least the share `least` has it;
 * otherwise undefined. Undefined also if all cells are whole numbers in parentheses, look like numbers of telephones or companies,
 * or if all cells are plain numbers that are read correctly without a format.
 * @remarks Takes about two microseconds per cell. Stops when too many cells are not numbers.
 */
export const findNumberFormat = (
  column: FrameColumn,
  { usual, decimal, least }: FindFormatOptions,
): FoundFormat | AlmostFormat | undefined => {
  const texts = textsOf(column);
  const present = texts.reduce((count, text) => count + (text === undefined ? 0 : 1), 0);
  const most = Math.floor((1 - least) * present + 1e-9);
  const layouts = SIGNS.filter((signs) => decimal === undefined || signs.decimal === decimal).map(layoutOf);
  const parts: (NumberParts | undefined)[] = [];
  let unit: string | undefined;
  for (const text of texts) {
    const own = text === undefined ? undefined : numberParts(text);
    const isZero = own !== undefined && own.unit === '' && ZERO.test(own.digits);
    if (own !== undefined && !isZero) unit ??= own.unit;
    const fits = own !== undefined && (isZero || own.unit === unit);
    parts.push(fits ? own : undefined);
    if (text === undefined) continue;
    for (const layout of layouts) layout.take(fits ? own.digits : undefined, parts.length - 1);
    if (layouts.every(({ failed }) => failed() > most)) return undefined;
  }
  const numbers = parts.filter((own) => own !== undefined);
  // Whole numbers in parentheses are marks, such as numbers of footnotes. Amounts in parentheses are negative.
  if (numbers.every(({ enclosed, digits, unit: own }) => enclosed && own === '' && /^\d+$/.test(digits)))
    return undefined;
  if (areIdentifiers(numbers)) return undefined;
  const fewest = Math.min(...layouts.map(({ failed }) => failed()));
  const best = layouts.filter(({ failed }) => failed() === fewest);
  const chosen = best.find((layout) => layout.decimal === usual) ?? best[0]!;
  const { decimal: sign, group } = chosen;
  const valueIn = (layout: Layout, row: number): number => {
    const { digits, negative } = parts[row]!;
    return negative ? 0 - layout.valueOf(digits) : layout.valueOf(digits);
  };
  let [cells, longest] = [0, -1];
  for (const [row, text] of texts.entries()) {
    if (text === undefined || parts[row] === undefined) continue;
    const value = valueIn(chosen, row);
    if (Number.isNaN(value) || value === plainNumber(text)) continue;
    cells++;
    if (longest < 0 || text.length > texts[longest]!.length) longest = row;
  }
  if (longest < 0) return undefined;
  const cell = texts[longest]!;
  const row = chosen.failure();
  if (row >= 0) return { kind: 'almost', row, cell: texts[row]!, example: cell };
  const dashes = isCurrency(unit) ? dashesIn(column) : 0;
  const other = best.find((layout) => layout.decimal !== sign && layout.key() !== chosen.key());
  return {
    kind: 'format',
    decimal: sign,
    group,
    ...(unit === undefined || unit === '' ? {} : { unit }),
    cells,
    example: { cell, value: valueIn(chosen, longest) },
    ...(dashes === 0 ? {} : { dash: true, dashes }),
    ...(other === undefined ? {} : { otherwise: valueIn(other, longest) }),
  };
};

const dashesIn = ({ written = [] }: FrameColumn): number =>
  written.reduce((count, text) => count + (text !== undefined && isDash(text) ? 1 : 0), 0);

/** Returns the cells of a column as they are written. A missing cell is undefined. */
export const textsOf = ({ numbers, written }: FrameColumn): readonly (string | undefined)[] =>
  Array.from(numbers, (number, row) => {
    const text = categoryText(number, written?.[row]);
    return text === undefined || isGapAmongNumbers(text) ? undefined : text;
  });

/** Returns the units of the cells of a column if all cells are numbers with units that differ, and otherwise undefined. */
export const differentUnits = (column: FrameColumn): readonly string[] | undefined => {
  const units = new Set<string>();
  for (const text of textsOf(column)) {
    if (text === undefined) continue;
    const unit = HEXADECIMAL.test(text) ? '' : (numberParts(text)?.unit ?? '');
    if (unit === '') return undefined;
    units.add(unit);
  }
  return units.size > 1 ? [...units] : undefined;
};

/** One choice of signs, and how many cells fit it. */
interface Layout {
  readonly decimal: Decimal;
  readonly group: GroupSign;
  /** Returns the number of digits that fit, and NaN for other digits. */
  valueOf(digits: string): number;
  /** Examines the digits of a cell; undefined for a cell that is not a number. */
  take(digits: string | undefined, row: number): void;
  /** Returns the number of cells that do not fit. */
  failed(): number;
  /** Returns the row of the first cell that does not fit, or -1. */
  failure(): number;
  /** Returns the signs that occur in the cells, with their meanings. Layouts with equal keys give equal numbers. */
  key(): string;
}

const layoutOf = ({ decimal, group }: (typeof SIGNS)[number]): Layout => {
  const valueOf = digitsReader({ decimal, group });
  let [failed, failure, hasDecimals, hasGroups] = [0, -1, false, false];
  return {
    decimal,
    group,
    valueOf,
    take: (digits, row) => {
      if (digits === undefined || Number.isNaN(valueOf(digits))) {
        if (failed++ === 0) failure = row;
        return;
      }
      const isDecimal = digits.includes(decimal);
      hasDecimals ||= isDecimal;
      hasGroups ||= /\D/.test(isDecimal ? digits.slice(0, digits.indexOf(decimal)) : digits);
    },
    failed: () => failed,
    failure: () => failure,
    key: () => `${hasDecimals ? decimal : ''}|${hasGroups ? group : ''}`,
  };
};

/** Whether cells such as `123 456 789` are identifiers: whole numbers of equal length in three or more groups. */
const areIdentifiers = (numbers: readonly NumberParts[]): boolean => {
  const lengths = new Set(numbers.map(({ digits }) => digits.replace(/\D/g, '').length));
  const [length] = lengths;
  return (
    lengths.size === 1 &&
    length! >= IDENTIFIER_DIGITS &&
    numbers.length > 1 &&
    numbers.every(({ digits, unit }) => unit === '' && /^\d+( \d{3}){2,}$/.test(digits))
  );
};
