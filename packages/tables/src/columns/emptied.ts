import { cellsWith } from '../frame/cells.ts';
import type { Frame, FrameColumn } from '../frame/frame.ts';
import { dateParser } from './date-parse.ts';

/** The texts that mark missing cells of a column, such as -999, by name of the column. */
export type GapMarks = Readonly<Record<string, readonly string[]>>;

/**
 * Returns a column in which the marked cells are missing. A column without other texts has no `texts`. A cell is marked if its text, its number or its date equals a
 * mark. So the mark -999 also fits the cell -999.0.
 *
 * @param marks The texts that mark missing cells.
 */
export const emptied = (column: FrameColumn, marks: readonly string[] = []): FrameColumn => {
  if (marks.length === 0) return column;
  const isMarked = markTest(marks);
  const { numbers, texts, written, ...others } = column;
  const marked = Array.from(numbers, (value, row) => isMarked(value, written?.[row] ?? texts?.[row]));
  if (!marked.includes(true)) return column;
  const without = <T>(cells: readonly (T | undefined)[]): readonly (T | undefined)[] =>
    cells.map((cell, row) => (marked[row]! ? undefined : cell));
  const kept = texts === undefined ? [] : without(texts);
  return {
    ...others,
    numbers: numbers.map((value, row) => (marked[row]! ? NaN : value)),
    ...(kept.some((text) => text !== undefined) ? { texts: kept } : {}),
    ...(written === undefined ? {} : { written: without(written) }),
  };
};

/** Returns a frame in which the marked cells of each column are missing. */
export const emptiedFrame = (frame: Frame, marks: GapMarks): Frame => ({
  ...frame,
  columns: frame.columns.map((column) =>
    emptied(column, Object.hasOwn(marks, column.name) ? marks[column.name] : undefined),
  ),
});

const { numberOf } = cellsWith('.');

const markTest = (marks: readonly string[]): ((value: number, text: string | undefined) => boolean) => {
  const texts = new Set(marks);
  const numbers = new Set(marks.map(numberOf).filter((x) => !Number.isNaN(x)));
  const [monthFirst, dayFirst] = [dateParser(false), dateParser(true)];
  const secondsOf = (text: string): number | undefined => (monthFirst(text) ?? dayFirst(text))?.seconds;
  const dates = new Set(marks.flatMap((mark) => secondsOf(mark) ?? []));
  return (value, text) =>
    numbers.has(value) ||
    (text !== undefined && (texts.has(text) || (dates.size > 0 && dates.has(secondsOf(text) ?? NaN))));
};
