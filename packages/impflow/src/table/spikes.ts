import { dateText, type ColumnSpec, type Values } from '@impflow/tables';
import { number } from '../text/format.ts';

/**
 * Smallest share and number of the cells that make a spike. If the other values repeat too, a spike has at least this
 * multiple of the cells of the second most frequent value.
 */
const SPIKE = { share: 0.1, cells: 10, multiple: 3 } as const;
/** Smallest number of equal cells that can be a mark. A single cell can be a far cell: see `farCellsOf`. */
const LEAST = 2;
/** Smallest number of cells of a number of nines that is a mark without being far from the other cells. */
const LEAST_NINES = 4;
/** Largest number of marks of a column. */
const MARKS = 3;
/** A mark is further from all other cells than this many times their range. */
const APART = 2;
/**
 * Smallest number of different values between the lowest and the highest value. If the values are few, only a number of
 * nines, such as -999, counts as a mark.
 */
const DISTINCT = { any: 10, nines: 4 } as const;
const NINES = /^-?9{2,}$/;

/**
 * Returns a sentence for each column of numbers in which many cells have one value, although other values are much rarer. A
 * value far from all others is probably a mark for missing cells, such as -999. Any other value is a spike of the density,
 * such as 0 among amounts of rain.
 *
 * @param cells Cells of the training rows, without noise.
 */
export const spikeRemarks = (columns: readonly ColumnSpec[], cells: Values): readonly string[] =>
  columns.flatMap((column, j) => {
    if (column.kind === 'category' || column.period !== undefined) return [];
    const { name, date, offset = 0 } = column;
    const counts = countsOf(cells.columns[j]!, offset);
    const text = (value: number): string => (date === undefined ? number(value) : dateText(value, date));
    const hint = (value: number): string =>
      `If it marks missing cells, set the option gaps to ${name}:${date === undefined ? String(value) : dateText(value, date)}.`;
    const { marks, rest } = marksOf(counts);
    if (marks.length > 0)
      return marks.map(
        ({ value, count }) =>
          `${number(count)} cells of "${name}" in the training rows are exactly ${text(value)}, far from all other cells of the column, which lie between ${text(rest[0])} and ${text(rest[1])}. ${hint(value)}`,
      );
    const nines = ninesOf(counts);
    if (nines !== undefined)
      return [
        `${number(nines.count)} cells of "${name}" in the training rows are exactly ${text(nines.value)}, the largest value, although values near it are rare. ${hint(nines.value)}`,
      ];
    const spike = spikeOf(counts);
    return spike === undefined
      ? []
      : [
          `${number(100 * spike.share, 2)} % of the cells of "${name}" in the training rows are exactly ${text(spike.value)}: the density has a spike there. ${hint(spike.value)}`,
        ];
  });

const countsOf = (column: Float64Array, offset: number): ReadonlyMap<number, number> => {
  const counts = new Map<number, number>();
  for (const value of column)
    if (!Number.isNaN(value)) counts.set(value + offset, (counts.get(value + offset) ?? 0) + 1);
  return counts;
};

/** Returns the most frequent value of a column whose other values repeat rarely, or much less often. */
const spikeOf = (
  counts: ReadonlyMap<number, number>,
): { readonly value: number; readonly share: number } | undefined => {
  let [total, value, most, second] = [0, NaN, 0, 0];
  for (const [each, count] of counts) {
    total += count;
    if (count > most) [value, most, second] = [each, count, most];
    else second = Math.max(second, count);
  }
  const othersRepeat = counts.size - 1 <= (total - most) / 2;
  // A column of few different values is a column of codes or counts.
  const isPlain = counts.size <= DISTINCT.any || (othersRepeat && most < SPIKE.multiple * second);
  return isPlain || most < SPIKE.cells || most < SPIKE.share * total ? undefined : { value, share: most / total };
};

/** A value that probably marks missing cells. */
interface Mark {
  readonly value: number;
  /** Number of cells with this value. */
  readonly count: number;
}

/** Returns a number of nines such as 99 that is the largest value, and much more frequent than the next values. */
const ninesOf = (
  counts: ReadonlyMap<number, number>,
): { readonly value: number; readonly count: number } | undefined => {
  const values = Float64Array.from(counts.keys()).sort();
  const value = values.at(-1)!;
  if (values.length <= DISTINCT.any || !NINES.test(String(value))) return undefined;
  const count = counts.get(value)!;
  const next = Math.max(...Array.from(values.subarray(-1 - NEXT, -1), (own) => counts.get(own)!));
  return count >= Math.max(LEAST_NINES, SPIKE.multiple * next) ? { value, count } : undefined;
};

/** Number of values below the largest value with which it is compared. */
const NEXT = 5;

/** Returns the values of each column that probably mark missing cells. */
export const marksIn = (columns: readonly ColumnSpec[], cells: Values): readonly (readonly number[])[] =>
  columns.map((column, j) =>
    column.kind === 'category' || column.period !== undefined
      ? []
      : marksOf(countsOf(cells.columns[j]!, 0)).marks.map(({ value }) => value),
  );

/** Returns the value of a column of numbers that most probably marks missing cells. Returns undefined if no value does. */
export const markIn = (numbers: Float64Array): number | undefined => marksOf(countsOf(numbers, 0)).marks[0]?.value;

/**
 * Returns the marks of a column, and the smallest and the largest of the other cells. Marks are found one after the
 * other, because a mark hides marks that are less far from the other cells.
 */
const marksOf = (
  counts: ReadonlyMap<number, number>,
): { readonly marks: readonly Mark[]; readonly rest: readonly [number, number] } => {
  const marks: Mark[] = [];
  let values = Float64Array.from(counts.keys()).sort();
  for (let mark = markOf(values, counts); mark !== undefined; mark = markOf(values, counts)) {
    const { value } = mark;
    marks.push(mark);
    values = values.filter((own) => own !== value);
    if (marks.length === MARKS) break;
  }
  return { marks, rest: [values[0]!, values.at(-1)!] };
};

/** Returns the lowest or the highest of sorted values if it is repeated and far from all values between both. */
const markOf = (values: Float64Array, counts: ReadonlyMap<number, number>): Mark | undefined => {
  const inner = values.subarray(1, -1);
  if (inner.length < DISTINCT.nines) return undefined;
  const [low, high] = [inner[0]!, inner.at(-1)!];
  return [values[0]!, values.at(-1)!]
    .map((value) => ({ value, count: counts.get(value)! }))
    .filter(({ value, count }) => {
      const distance = Math.max(low - value, value - high);
      const isLikely = inner.length >= DISTINCT.any || NINES.test(String(value));
      return count >= LEAST && distance > APART * (high - low) && isLikely;
    })
    .toSorted((a, b) => b.count - a.count)[0];
};
