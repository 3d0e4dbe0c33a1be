import { numberParts } from '../columns/number-format.ts';
import type { Decimal } from '../frame/simple-number.ts';
import { eachRecord } from './csv-text.ts';
import type { Separator } from './options.ts';

/** The decimal sign of a table. `comma` is a cell with a comma in a number, if such a cell was found. */
interface FoundDecimal {
  readonly decimal: Decimal;
  readonly comma?: string;
}

/** Pattern of a number with a decimal comma, which may have points between thousands. */
const COMMA = /^[+-]?(\d*|[1-9]\d{0,2}(\.\d{3})+),\d+(e[+-]?\d+)?$/i;
/** Pattern of a number with a comma that may be a thousands separator. */
const THOUSANDS = /^[+-]?[1-9]\d{0,2},\d{3}$/;
/** Pattern of a number with a point that may be a thousands separator. */
const POINT_THOUSANDS = /^[+-]?[1-9]\d{0,2}\.\d{3}$/;
/** Pattern of a number with a decimal point, or with commas that can only be thousands separators. */
const POINT = /^[+-]?(\d*\.\d+(e[+-]?\d+)?|\d{1,3}(,\d{3})+\.\d*|\d{1,3}(,\d{3}){2,})$/i;

/** Finds the decimal sign of a table from its cells. */
export interface DecimalFinder {
  /** Examines a cell. A cell without commas and points has no effect. */
  take(cell: string): void;
  /** Whether the decimal sign is certain, so that no further cell can change it. */
  isSettled(): boolean;
  /** Returns the decimal sign according to all cells that were examined: see {@link decimalIn}. */
  found(): FoundDecimal;
}

/** Creates a `DecimalFinder` that has not examined any cell. */
export const decimalFinder = (): DecimalFinder => {
  let point = false;
  let any: string | undefined;
  let sure: string | undefined;
  return {
    take: (padded) => {
      const cell = padded.trim();
      // A currency or a unit does not matter.
      const digits = numberParts(cell)?.digits ?? cell;
      if (COMMA.test(digits)) {
        any ??= cell;
        if (sure === undefined && !THOUSANDS.test(digits)) sure = cell;
      } else point ||= POINT.test(digits) && !POINT_THOUSANDS.test(digits);
    },
    isSettled: () => point,
    found: () =>
      sure !== undefined && !point
        ? { decimal: ',', comma: sure }
        : { decimal: '.', ...(any === undefined ? {} : { comma: any }) },
  };
};

/**
 * Finds the decimal sign of a CSV text. The decimal sign is a comma if cells such as `3,5` occur, at least one of these
 * cells cannot be a number with a thousands separator, and no number has a point that can only be a decimal point.
 * Otherwise the decimal sign is a point. If commas separate the cells, the decimal sign is always a point.
 *
 * @remarks If numbers contain commas, this function parses the whole text, in addition to the parsing by the reader.
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
