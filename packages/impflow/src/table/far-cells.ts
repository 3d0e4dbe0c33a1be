import { dateText, valuesOf, type ColumnPlan, type Frame } from '@impflow/tables';
import { number } from '../text/format.ts';
import { markIn } from './spikes.ts';

/**
 * A far cell is more than this number of standard deviations away from the median of its column. The standard deviation
 * is estimated from the quartiles.
 */
const FAR = 20;
/**
 * The distance of a far cell from the median is more than this multiple of the distance of the column's usual extremes.
 */
const ALONE = 8;
/**
 * On the scale of `asinh`, which is linear for small numbers and logarithmic for large numbers, a far cell is more than
 * this multiple as far from the median as the usual extremes. So no cell of a heavy-tailed column is far.
 */
const ALONE_IN_LOGARITHMS = 2;
/** The usual extremes of a column exclude, at each end, the share `share` of its cells, but at least `cells` cells. */
const FEW = { share: 1e-3, cells: 3 } as const;
/**
 * Far cells at one end of a column may be a group, at most the share `share` of its cells and at most `cells` cells. The
 * group is as far from the next cell as a single far cell is from the usual extremes.
 */
const GROUP = { share: 0.01, cells: 50 } as const;
/** If at least this number of cells of a group are equal, they are a mark and no mistakes: see `spikeRemarks`. */
const EQUAL = 4;
/** Largest number of far cells that the messages name. */
const NAMED = 5;
/** Distance between the quartiles of a normal distribution, in standard deviations. */
const QUARTILES = 1.349;

/** Largest number of cells of a column that are sorted. If a column has more cells, only every n-th cell is used. */
const SORTED = 20_000;

/** Finds the cells that are far from all other cells of their column, for example because of a wrong decimal point. */
export interface FarCells {
  /**
   * Returns which of the given rows of a frame have no far cell. A training uses only these rows, because a single far
   * cell would otherwise determine the scale of its column, and a component of a mixture.
   */
  usual(frame: Frame, rows: Uint32Array): Uint32Array;
  /** Returns a sentence for each far cell of the frames. The first five cells are named, and the others are counted. */
  remarks(frames: readonly Frame[]): readonly string[];
}

/** A column of numbers or dates that is not periodic. */
export type NumberPlan = Extract<ColumnPlan, { readonly kind: 'number' }>;

/**
 * Finds far cells. A heavy-tailed column has none, because its extremes differ by small factors. A periodic column has
 * none, because its values are positions on a circle.
 *
 * @param train Rows from which the usual range of each column is computed.
 * @remarks Sorts at most 20,000 cells of each column.
 */
export const farCellsOf = (plans: readonly ColumnPlan[], train: Frame): FarCells => {
  const ranges = plans.flatMap((plan) => {
    if (plan.kind !== 'number' || plan.period !== undefined) return [];
    const range = usualRange(numbersOf(train, plan));
    return range === undefined ? [] : [{ plan, range }];
  });
  const isFar = (value: number, { median, far, mark }: UsualRange): boolean =>
    value !== mark && Math.abs(value - median) > far;
  return {
    usual: (frame, rows) => {
      const hasFar = new Uint8Array(frame.rows);
      for (const { plan, range } of ranges)
        numbersOf(frame, plan).forEach((value, row) => {
          if (isFar(value, range)) hasFar[row] = 1;
        });
      return rows.filter((row) => hasFar[row] === 0);
    },
    remarks: (frames) => {
      const found = ranges.flatMap(({ plan, range }) => {
        const { name, date } = plan;
        const text = (value: number): string => (date === undefined ? number(value) : dateText(value, date.unit));
        return frames.flatMap((frame) => {
          const numbers = numbersOf(frame, plan);
          return Array.from(numbers.keys())
            .filter((row) => isFar(numbers[row]!, range))
            .map((row) => ({
              name,
              text: `The cell ${text(numbers[row]!)} of "${name}" in ${frame.place(row)} of ${frame.source} is far from the other cells of the column, which lie between ${text(range.low)} and ${text(range.high)}.`,
            }));
        });
      });
      const texts = found.map(({ text }) => text);
      const rest = found.slice(NAMED);
      if (rest.length === 0) return texts;
      const names = [...new Set(rest.map(({ name }) => `"${name}"`))].join(', ');
      return [
        ...texts.slice(0, NAMED),
        `${rest.length} more ${rest.length === 1 ? 'cell is' : 'cells are'} far from the other cells of the column, in ${names}.`,
      ];
    },
  };
};

/** Returns the numbers of a column, which may be dates or have a format. */
export const numbersOf = (frame: Frame, { name, date, format }: NumberPlan): Float64Array =>
  valuesOf(frame, [
    {
      kind: 'number',
      name,
      ...(date === undefined ? {} : { date: date.unit }),
      ...(date?.dayFirst === undefined ? {} : { dayFirst: date.dayFirst }),
      ...(format === undefined ? {} : { format }),
    },
  ]).columns[0]!;

/** Median of a column, its range without the extremes, and the distance from the median beyond which a cell is far. */
interface UsualRange {
  /**
   * A value of more cells than the usual extremes exclude, which probably marks missing cells, such as -999. It does not
   * count, and its cells are not far.
   */
  readonly mark: number | undefined;
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly far: number;
}

/** Returns the usual range of a column. Returns undefined if the column has few numbers, or if nearly all are equal. */
const usualRange = (column: Float64Array): UsualRange | undefined => {
  const every = Math.ceil(column.length / SORTED);
  const some = column.filter((value, row) => row % every === 0 && !Number.isNaN(value));
  const few = Math.max(FEW.cells, Math.ceil(FEW.share * some.length));
  const found = markIn(some);
  const mark = some.filter((value) => value === found).length > few ? found : undefined;
  const sorted = some.filter((value) => value !== mark).sort();
  if (sorted.length <= 4 * few) return undefined;
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))]!;
  const median = at(0.5);
  const spread = (at(0.75) - at(0.25)) / QUARTILES;
  const last = sorted.length - 1;
  const high =
    sorted[
      last -
        Math.max(
          few,
          groupSize((i) => sorted[last - i]! - median, sorted.length, spread),
        )
    ]!;
  const low =
    sorted[
      Math.max(
        few,
        groupSize((i) => median - sorted[i]!, sorted.length, spread),
      )
    ]!;
  const extreme = Math.max(median - low, high - median);
  // If nearly all cells are equal, the few different cells are not mistakes, because they contain the information of
  // the column.
  return extreme === 0 ? undefined : { mark, median, low, high, far: farFrom(extreme, spread) };
};

/** Returns the distance from the median beyond which a cell is far, for a distance of the usual extremes. */
const farFrom = (extreme: number, spread: number): number => {
  const inLogarithms = spread > 0 ? spread * Math.sinh(ALONE_IN_LOGARITHMS * Math.asinh(extreme / spread)) : 0;
  return Math.max(ALONE * extreme, FAR * spread, inLogarithms);
};

/**
 * Returns the number of cells at one end of a column that are far from the next cell, or 0.
 *
 * @param distance Returns the distance from the median of the cell with an index, counted from this end.
 */
const groupSize = (distance: (index: number) => number, cells: number, spread: number): number => {
  let equal = 1;
  for (let size = 1; size <= Math.min(GROUP.cells, GROUP.share * cells); size++) {
    equal = size > 1 && distance(size - 1) === distance(size - 2) ? equal + 1 : 1;
    if (equal >= EQUAL) return 0;
    const next = distance(size);
    if (next > 0 && distance(size - 1) > farFrom(next, spread)) return size;
  }
  return 0;
};
