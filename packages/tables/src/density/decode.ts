import { dateText } from '../columns/dates.ts';
import { formattedNumbers, plainColumn } from '../columns/number-format.ts';
import type { CategoryColumn, ColumnSpec, NumberColumn } from '../columns/spec.ts';
import { categoryText, levelTexts, type Values } from '../columns/values.ts';
import { wrapped } from '../columns/wrapped.ts';
import { isGapAmongDates } from '../frame/cells.ts';
import type { Frame, FrameColumn } from '../frame/frame.ts';

/** Text that is written for a category that training did not see. */
const UNSEEN = '(other)';

/**
 * Converts values to a frame with cells in the units of the data file. Offsets are added to numbers, and numbers are
 * rounded down to the grid of their column. Dates become ISO strings. Categories are written as in the training rows,
 * and unseen categories are written as `(other)`. `source` is the name of the frame, for error messages.
 */
export const frameOfValues = ({ rows, columns }: Values, specs: readonly ColumnSpec[], source: string): Frame => ({
  columns: specs.map((spec, j) => (spec.kind === 'category' ? texts(columns[j]!, spec) : cells(columns[j]!, spec))),
  rows,
  source,
  place: (row) => `row ${row + 1}`,
});

/** Converts a value of a column to a cell, as {@link frameOfValues} does. Returns undefined for a missing value. */
export const cellOf = (value: number, spec: ColumnSpec): string | number | undefined => {
  if (Number.isNaN(value)) return undefined;
  if (spec.kind === 'category') return spec.levels[value] ?? UNSEEN;
  const number = numberOf(value, spec);
  return spec.date === undefined ? number : dateText(number, spec.date);
};

/**
 * Converts values to numbers in the units of the file, `[columns][rows]`: numbers as {@link cellOf} writes them, dates
 * as the time since 1970 in the unit of their column, and categories as codes. NaN marks a missing value.
 *
 * @param noisy Whether the values contain noise, which is then removed. Values that `valuesOf` returned have no noise.
 */
export const unitsOf = (
  { columns }: Pick<Values, 'columns'>,
  specs: readonly ColumnSpec[],
  { noisy }: { readonly noisy: boolean },
): readonly Float64Array[] =>
  specs.map((spec, j) => {
    if (spec.kind === 'category') return columns[j]!;
    const own = noisy ? spec : withoutResolution(spec);
    return columns[j]!.map((value) => (Number.isNaN(value) ? NaN : numberOf(value, own)));
  });

const withoutResolution = (column: NumberColumn): NumberColumn => {
  const { resolution: _, ...plain } = column;
  return plain;
};

const texts = (codes: Float64Array, spec: CategoryColumn): FrameColumn => {
  const written = Array.from(codes, (code) => cellOf(code, spec) as string | undefined);
  return { name: spec.name, numbers: new Float64Array(codes.length).fill(NaN), texts: written, written };
};

const cells = (values: Float64Array, spec: NumberColumn): FrameColumn => {
  const numbers = values.map((value) => (Number.isNaN(value) ? NaN : numberOf(value, spec)));
  if (spec.date === undefined)
    return spec.format === undefined ? { name: spec.name, numbers } : plainColumn(spec.name, numbers, spec.format);
  const written = Array.from(numbers, (number) => (Number.isNaN(number) ? undefined : dateText(number, spec.date!)));
  return { name: spec.name, numbers: new Float64Array(values.length).fill(NaN), texts: written, written };
};

const numberOf = (value: number, column: NumberColumn): number => {
  const { offset = 0, resolution, spikes, date, period, start } = column;
  const own = inUnits(resolution === undefined ? value : withoutNoise(value, resolution, spikes), offset);
  const number = start === undefined || period === undefined ? own : wrapped(own, { period, cut: start });
  // Rounds a date down to a whole day or second. Rounding down removes the noise, because noise is never negative.
  return date === undefined || resolution === undefined || spikes !== undefined ? number : Math.floor(number);
};

/** Rounds a value down to the grid of its column, or, if only spikes have noise, to the spike whose noise it has. */
const withoutNoise = (value: number, resolution: number, spikes: readonly number[] | undefined): number =>
  spikes === undefined
    ? onGrid(value, resolution)
    : (spikes.find((spike) => value >= spike && value < spike + resolution) ?? value);

/**
 * Returns the number plus its offset. A float32 number is converted to the shortest decimal number: 100.3, not
 * 100.30000001.
 */
const inUnits = (value: number, offset: number): number => {
  if (offset === 0) return value;
  const isSingle = Math.fround(value) === value && !Number.isInteger(value);
  return Number(((isSingle ? Number(value.toPrecision(7)) : value) + offset).toPrecision(15));
};

/** Rounds a value down to a multiple of `step`, and returns the nearest short decimal number: 0.3, not 3 * 0.1. */
const onGrid = (value: number, step: number): number => Number((Math.floor(value / step) * step).toPrecision(15));

/**
 * Returns a copy of the frame in `filled`. Cells that are known in `cells` are replaced by the original cells from
 * `cells`, so that a date keeps its form, and its year even if the column is periodic. Numbers in a format become plain
 * numbers.
 *
 * @param rows For each row of `filled`, the index of its row in `cells`.
 */
export const filledFrame = (cells: Frame, filled: Frame, rows: Uint32Array, specs: readonly ColumnSpec[]): Frame => ({
  ...filled,
  columns: filled.columns.map((column, j): FrameColumn => {
    const own = cells.columns.find(({ name }) => name === column.name)!;
    const spec = specs[j]!;
    if (spec.kind === 'category') {
      const levelOf = levelTexts([...spec.levels, ...(spec.rare ?? [])]);
      const written = Array.from(rows, (row, i) => {
        const cell = [own.numbers[row]!, own.written?.[row]] as const;
        return levelOf(...cell) === undefined ? column.written![i] : categoryText(...cell);
      });
      return { ...column, texts: written, written };
    }
    if (spec.date !== undefined) {
      const written = Array.from(rows, (row, i) => {
        const text = own.texts?.[row];
        return text === undefined || isGapAmongDates(text) ? column.written![i] : text;
      });
      return { ...column, texts: written, written };
    }
    const known = spec.format === undefined ? own.numbers : formattedNumbers(own, spec.format);
    const numbers = column.numbers.map((value, i) => (Number.isNaN(known[rows[i]!]) ? value : known[rows[i]!]!));
    return spec.format === undefined ? { ...column, numbers } : plainColumn(column.name, numbers, spec.format);
  }),
});
