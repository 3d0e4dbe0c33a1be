import { dateText } from '../columns/dates.ts';
import type { CategoryColumn, ColumnSpec, NumberColumn } from '../columns/spec.ts';
import { categoryText, levelTexts, wrapped, type Values } from '../columns/values.ts';
import type { Frame, FrameColumn } from '../frame/frame.ts';

/** Text of a category that training did not see. */
const UNSEEN = '(other)';

/**
 * Converts values to cells in the units of the file. Numbers get their offsets and are rounded down to the grid of
 * their column. Dates are ISO texts, categories are as written, and unseen categories are `(other)`. `source` is the
 * name of the frame in messages.
 */
export const frameOfValues = ({ rows, columns }: Values, specs: readonly ColumnSpec[], source: string): Frame => ({
  columns: specs.map((spec, j) => (spec.kind === 'category' ? texts(columns[j]!, spec) : cells(columns[j]!, spec))),
  rows,
  source,
  place: (row) => `row ${row + 1}`,
});

/** Returns a value of a column as a cell, as {@link frameOfValues} writes it, or undefined for a gap. */
export const cellOf = (value: number, spec: ColumnSpec): string | number | undefined => {
  if (Number.isNaN(value)) return undefined;
  if (spec.kind === 'category') return spec.levels[value] ?? UNSEEN;
  const number = numberOf(value, spec);
  return spec.date === undefined ? number : dateText(number, spec.date);
};

const texts = (codes: Float64Array, spec: CategoryColumn): FrameColumn => {
  const written = Array.from(codes, (code) => cellOf(code, spec) as string | undefined);
  return { name: spec.name, numbers: new Float64Array(codes.length).fill(NaN), texts: written, written };
};

const cells = (values: Float64Array, spec: NumberColumn): FrameColumn => {
  const numbers = values.map((value) => (Number.isNaN(value) ? NaN : numberOf(value, spec)));
  if (spec.date === undefined) return { name: spec.name, numbers };
  const written = Array.from(numbers, (number) => (Number.isNaN(number) ? undefined : dateText(number, spec.date!)));
  return { name: spec.name, numbers: new Float64Array(values.length).fill(NaN), texts: written, written };
};

const numberOf = (value: number, { offset = 0, resolution, date, period, start }: NumberColumn): number => {
  const own = inUnits(resolution === undefined ? value : onGrid(value, resolution), offset);
  const number = start === undefined || period === undefined ? own : wrapped(own, { period, cut: start });
  // Rounds down to a whole day or second, because noise only increases a date.
  return date === undefined || resolution === undefined ? number : Math.floor(number);
};

/** Returns the number with its offset. For a float32 number, this is the shortest decimal: 100.3, not 100.30000001. */
const inUnits = (value: number, offset: number): number => {
  if (offset === 0) return value;
  const isSingle = Math.fround(value) === value && !Number.isInteger(value);
  return Number(((isSingle ? Number(value.toPrecision(7)) : value) + offset).toPrecision(15));
};

/** Returns the largest multiple of a step that is at most a value, as the nearest short decimal: 0.3, not 3 * 0.1. */
const onGrid = (value: number, step: number): number => Number((Math.floor(value / step) * step).toPrecision(15));

/**
 * Returns the frame `filled`, but with the known cells as they are in `cells`. All dates come from `filled`, so that
 * the dates of a column have one format.
 *
 * @param rows Row of `cells` for each row of `filled`.
 */
export const filledFrame = (cells: Frame, filled: Frame, rows: Uint32Array, specs: readonly ColumnSpec[]): Frame => ({
  ...filled,
  columns: filled.columns.map((column, j): FrameColumn => {
    const own = cells.columns.find(({ name }) => name === column.name)!;
    const spec = specs[j]!;
    if (spec.kind === 'category') {
      const levelOf = levelTexts(spec.levels);
      const written = Array.from(rows, (row, i) => {
        const cell = [own.numbers[row]!, own.written?.[row]] as const;
        return levelOf(...cell) === undefined ? column.written![i] : categoryText(...cell);
      });
      return { ...column, texts: written, written };
    }
    if (spec.date !== undefined) return column;
    return {
      ...column,
      numbers: column.numbers.map((value, i) => (Number.isNaN(own.numbers[rows[i]!]) ? value : own.numbers[rows[i]!]!)),
    };
  }),
});
