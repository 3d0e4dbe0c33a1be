import type { Decimal } from '../frame/simple-number.ts';
import { eachRecord } from './csv-text.ts';
import type { Separator } from './options.ts';

/** A decimal sign and, if there is one, a cell with a comma in a number. */
interface FoundDecimal {
  readonly decimal: Decimal;
  readonly comma?: string;
}

const COMMA = /^[+-]?\d*,\d+(e[+-]?\d+)?$/i;
/** A number with a comma that can be a thousands separator. */
const THOUSANDS = /^[+-]?[1-9]\d{0,2},\d{3}$/;
/** A number with a decimal point, or with commas that can only be thousands separators. */
const POINT = /^[+-]?(\d*\.\d+(e[+-]?\d+)?|\d{1,3}(,\d{3})+\.\d*|\d{1,3}(,\d{3}){2,})$/i;

/** Finds the decimal sign of a table by its cells. */
export interface DecimalFinder {
  /** Takes a cell into account. A cell without a comma and without a point has no effect. */
  take(cell: string): void;
  /** Whether no further cell can change the sign. */
  isSettled(): boolean;
  /** Returns the decimal sign according to the cells so far: see {@link decimalIn}. */
  found(): FoundDecimal;
}

/** Returns a finder that has not taken any cell yet. */
export const decimalFinder = (): DecimalFinder => {
  let point = false;
  let any: string | undefined;
  let sure: string | undefined;
  return {
    take: (padded) => {
      const cell = padded.trim();
      if (COMMA.test(cell)) {
        any ??= cell;
        if (sure === undefined && !THOUSANDS.test(cell)) sure = cell;
      } else point ||= POINT.test(cell);
    },
    isSettled: () => point,
    found: () =>
      sure !== undefined && !point
        ? { decimal: ',', comma: sure }
        : { decimal: '.', ...(any === undefined ? {} : { comma: any }) },
  };
};

/**
 * Returns the decimal sign of a text. The sign is a comma if cells such as `3,5` occur, at least one of these cells
 * cannot be a number with a thousands separator, and no number has a decimal point. In all other cases, and if commas
 * separate the cells, the sign is a point.
 *
 * @remarks If the text has commas in numbers, this function parses the text once, and the reader parses it again.
 * @throws `input` for misplaced quotes.
 */
export const decimalIn = (name: string, text: string, delimiter: Separator): FoundDecimal => {
  if (delimiter === ',' || !/,\d/.test(text)) return { decimal: '.' };
  const finder = decimalFinder();
  eachRecord(name, text, delimiter, (cells) => {
    for (const cell of cells) finder.take(cell);
  });
  return finder.found();
};
