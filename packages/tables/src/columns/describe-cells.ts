import { isGapAmongNumbers } from '../frame/cells.ts';
import type { FrameColumn } from '../frame/frame.ts';
import type { Decimal } from '../frame/simple-number.ts';
import { dateFormatOf, dateNumbers, dateText } from './dates.ts';
import { describeColumns, type ColumnSummary } from './describe-columns.ts';
import { findNumberFormat } from './find-number-format.ts';
import { formattedNumbers } from './number-format.ts';
import { offsetOf } from './offset.ts';
import { categoryText } from './values.ts';

/** Statistics of the cells of a column. Statistics of numbers are undefined for a column without numbers. */
export interface CellSummary extends Partial<NumberStatistics> {
  /** Kind of the cells. `dates`: all cells are dates. `mixed`: numbers and text. `empty`: all cells are missing. */
  readonly kind: 'numbers' | 'dates' | 'texts' | 'mixed' | 'empty';
  /** Number of missing cells. */
  readonly gaps: number;
  /** Number of different cells. Missing cells are not counted. */
  readonly distinct: number;
  /** Smallest number, or the earliest date as a string. Undefined if the column contains no numbers and no dates. */
  readonly min?: number | string;
  /** Largest number, or the latest date as a string. */
  readonly max?: number | string;
  /** The three most frequent cells, as they are written in the file. */
  readonly frequent: readonly string[];
}

/** Statistics of a column of numbers. */
type NumberStatistics = Pick<ColumnSummary, 'mean' | 'standardDeviation' | 'resolution' | 'atom'>;

const SHOWN = 3;

/**
 * Returns statistics of the cells of a column. Numbers such as `$1,234.50` are recognized as in `planColumns`. `usual` is
 * the decimal sign if both signs are possible.
 *
 * @remarks Sorts the numbers of the column. Keeps a string and a count for each different cell in memory.
 */
export const describeCells = (column: FrameColumn, usual: Decimal = '.'): CellSummary => {
  const { texts, written } = column;
  const format = texts === undefined ? undefined : findNumberFormat(column, { usual, least: 1 });
  const numbers = format?.kind === 'format' ? formattedNumbers(column, format) : column.numbers;
  const dates = texts !== undefined && numbers.every(Number.isNaN) ? datesIn(texts) : undefined;
  const isGap = (row: number): boolean =>
    dates === undefined ? format !== undefined && Number.isNaN(numbers[row]) : Number.isNaN(dates.numbers[row]);
  const counts = new Map<string, number>();
  let [present, count, min, max] = [0, 0, Infinity, -Infinity];
  for (let row = 0; row < numbers.length; row++) {
    const text = categoryText(numbers[row]!, written?.[row]);
    if (text === undefined || isGap(row)) continue;
    present++;
    counts.set(text, (counts.get(text) ?? 0) + 1);
    const value = dates?.numbers[row] ?? numbers[row]!;
    if (Number.isNaN(value)) continue;
    count++;
    [min, max] = [Math.min(min, value), Math.max(max, value)];
  }
  const shown = (value: number): number | string => (dates === undefined ? value : dateText(value, dates.unit));
  return {
    kind:
      present === 0
        ? 'empty'
        : dates !== undefined
          ? 'dates'
          : count === 0
            ? 'texts'
            : count < present
              ? 'mixed'
              : 'numbers',
    gaps: numbers.length - present,
    distinct: counts.size,
    ...(count === 0 ? {} : { min: shown(min), max: shown(max) }),
    ...(count < present || count === 0 || dates !== undefined ? {} : statisticsOf(numbers)),
    frequent: [...counts]
      .sort(([a, more], [b, less]) => less - more || (a < b ? -1 : 1))
      .slice(0, SHOWN)
      .map(([text]) => text),
  };
};

const datesIn = (
  texts: readonly (string | undefined)[],
): { readonly numbers: Float64Array; readonly unit: 'days' | 'seconds' } | undefined => {
  const format = dateFormatOf(texts.map((text) => (text === undefined || isGapAmongNumbers(text) ? undefined : text)));
  if (format?.kind !== 'dates' || format.ambiguous === true) return undefined;
  const { unit, dayFirst } = format;
  return { unit, numbers: dateNumbers(texts, { date: unit, ...(dayFirst === undefined ? {} : { dayFirst }) }) };
};

const statisticsOf = (numbers: Float64Array): NumberStatistics => {
  const offset = offsetOf(numbers);
  const shifted = offset === 0 ? numbers : numbers.map((value) => value - offset);
  const { mean, standardDeviation, resolution, atom } = describeColumns([{ name: '', numbers: shifted }])[0]!;
  return {
    mean: mean + offset,
    standardDeviation,
    ...(resolution === undefined ? {} : { resolution }),
    ...(atom === undefined ? {} : { atom: { ...atom, value: atom.value + offset } }),
  };
};
