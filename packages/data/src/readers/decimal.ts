import type { Decimal, Separator } from './csv-options.ts';
import { eachRecord } from './csv-text.ts';

/** A decimal sign, and a cell with a comma in a number, if there is one. */
export interface FoundDecimal {
  readonly decimal: Decimal;
  readonly comma?: string;
}

const COMMA = /^[+-]?\d*,\d+(e[+-]?\d+)?$/i;
/** A comma that can mark thousands. */
const THOUSANDS = /^[+-]?[1-9]\d{0,2},\d{3}$/;
/** A decimal point, or commas that can only mark thousands. */
const POINT = /^[+-]?(\d*\.\d+(e[+-]?\d+)?|\d{1,3}(,\d{3})+\.\d*|\d{1,3}(,\d{3}){2,})$/i;

/**
 * Returns a comma if it is the decimal sign of a text: cells such as `3,5` occur, at least one of them cannot be a
 * number with a mark of thousands, and no number has a decimal point. A point in all other cases, and if commas stand
 * between cells.
 *
 * @remarks Parses a text with commas in numbers, besides the parse that reads it.
 * @throws `input` for quotes that do not fit.
 */
export const decimalIn = (name: string, text: string, delimiter: Separator): FoundDecimal => {
  if (delimiter === ',' || !/,\d/.test(text)) return { decimal: '.' };
  let point = false;
  let any: string | undefined;
  let sure: string | undefined;
  eachRecord(name, text, delimiter, (cells) => {
    for (const padded of cells) {
      const cell = padded.trim();
      if (COMMA.test(cell)) {
        any ??= cell;
        if (sure === undefined && !THOUSANDS.test(cell)) sure = cell;
      } else point ||= POINT.test(cell);
    }
  });
  if (sure !== undefined && !point) return { decimal: ',', comma: sure };
  return { decimal: '.', ...(any === undefined ? {} : { comma: any }) };
};
