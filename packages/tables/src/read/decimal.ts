import type { Decimal } from '../frame/simple-number.ts';
import { eachRecord } from './csv-text.ts';
import type { Separator } from './options.ts';

/** A decimal sign, and a cell with a comma in a number, if there is one. */
interface FoundDecimal {
  readonly decimal: Decimal;
  readonly comma?: string;
}

const COMMA = /^[+-]?\d*,\d+(e[+-]?\d+)?$/i;
/** A comma that can mark thousands. */
const THOUSANDS = /^[+-]?[1-9]\d{0,2},\d{3}$/;
/** A decimal point, or commas that can only mark thousands. */
const POINT = /^[+-]?(\d*\.\d+(e[+-]?\d+)?|\d{1,3}(,\d{3})+\.\d*|\d{1,3}(,\d{3}){2,})$/i;

/** Collects evidence from the cells of a table about its decimal sign. */
export interface DecimalFinder {
  /** Looks at a cell. Cells without a comma and a point do not count. */
  take(cell: string): void;
  /** Whether no further cell can change the sign. */
  isSettled(): boolean;
  /** The sign, by the cells so far: see {@link decimalIn}. */
  found(): FoundDecimal;
}

/** Returns a finder that has seen no cell. */
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
 * Returns a comma if it is the decimal sign of a text: cells such as `3,5` occur, at least one of them cannot be a
 * number with a mark of thousands, and no number has a decimal point. A point in all other cases, and if commas
 * separate cells.
 *
 * @remarks If the text has commas in numbers, this parses it once; the reader parses it again.
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
