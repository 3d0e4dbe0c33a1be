import { dateText, type ColumnSpec, type Values } from '@impflow/tables';
import { number } from '../text/format.ts';

/**
 * Smallest share and number of the cells that make a spike. If the other values repeat too, a spike has at least this
 * multiple of the cells of the second most frequent value.
 */
const SPIKE = { share: 0.1, cells: 10, multiple: 3 } as const;
/** Smallest number of equal cells that can be a mark. Fewer equal cells are far cells: see `farCellsOf`. */
const LEAST = 4;
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
    const mark = markOf(counts);
    if (mark !== undefined)
      return [
        `${number(mark.count)} cells of "${name}" in the training rows are exactly ${text(mark.value)}, far from all other cells of the column, which lie between ${text(mark.rest[0])} and ${text(mark.rest[1])}. ${hint(mark.value)}`,
      ];
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
  /** The smallest and the largest of the other cells. */
  readonly rest: readonly [number, number];
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
  return count >= Math.max(LEAST, SPIKE.multiple * next) ? { value, count } : undefined;
};

/** Number of values below the largest value with which it is compared. */
const NEXT = 5;

/** Returns the values that probably mark missing cells, one for each column of numbers that has such a value. */
export const marksIn = (columns: readonly ColumnSpec[], cells: Values): readonly (number | undefined)[] =>
  columns.map((column, j) =>
    column.kind === 'category' || column.period !== undefined ? undefined : markIn(cells.columns[j]!),
  );

/** Returns the value of a column of numbers that probably marks missing cells, or undefined if there is none. */
export const markIn = (numbers: Float64Array): number | undefined => markOf(countsOf(numbers, 0))?.value;

/** Returns the lowest or the highest value of a column if it is repeated and far from all other values. */
const markOf = (counts: ReadonlyMap<number, number>): Mark | undefined => {
  const values = Float64Array.from(counts.keys()).sort();
  const inner = values.subarray(1, -1);
  if (inner.length < DISTINCT.nines) return undefined;
  const [low, high] = [inner[0]!, inner.at(-1)!];
  const [first, last] = [values[0]!, values.at(-1)!];
  const marks: readonly Mark[] = [
    { value: first, count: counts.get(first)!, rest: [low, last] },
    { value: last, count: counts.get(last)!, rest: [first, high] },
  ];
  return marks
    .filter(({ value, count }) => {
      const distance = Math.max(low - value, value - high);
      const isLikely = inner.length >= DISTINCT.any || NINES.test(String(value));
      return count >= LEAST && distance > APART * (high - low) && isLikely;
    })
    .toSorted((a, b) => b.count - a.count)[0];
};
