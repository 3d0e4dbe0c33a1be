import { type Atom, type ColumnSpec, dateText, type Values } from '@impflow/tables';
import { number } from '../text/format.ts';

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
 * Returns a sentence for each value that many cells of a column share: a spike of the density, or a mark for missing
 * cells, such as -999.
 *
 * @param cells Cells of the training rows, without noise.
 * @param atoms The spikes: see `atomsOf`.
 */
export const spikeRemarks = (
  columns: readonly ColumnSpec[],
  cells: Values,
  atoms: Readonly<Record<string, Atom>>,
): readonly string[] =>
  columns.flatMap((column, j) => {
    if (column.kind === 'category' || column.period !== undefined) return [];
    const { name, date, offset = 0 } = column;
    const text = (value: number): string => (date === undefined ? number(value) : dateText(value, date));
    const plain = (value: number): string => (date === undefined ? String(value) : dateText(value, date));
    const mark = markOf(cells.columns[j]!, offset);
    if (mark !== undefined) {
      const { value, count, rest } = mark;
      return [
        `${count} cells of "${name}" are exactly ${text(value)}, far from all other cells of the column, which lie between ${text(rest[0])} and ${text(rest[1])}. If ${text(value)} marks missing cells, set the option gaps to ${name}:${plain(value)}.`,
      ];
    }
    const atom = Object.hasOwn(atoms, name) ? atoms[name]! : undefined;
    return atom === undefined
      ? []
      : [
          `${number(100 * atom.share, 2)} % of the cells of "${name}" are exactly ${text(atom.value)}: the density has a spike there. If ${text(atom.value)} marks missing cells, set the option gaps to ${name}:${plain(atom.value)}.`,
        ];
  });

/** A value that marks missing cells. */
interface Mark {
  readonly value: number;
  /** Number of cells with this value. */
  readonly count: number;
  /** The smallest and the largest of the other cells. */
  readonly rest: readonly [number, number];
}

/** Returns the lowest or the highest value of a column if it is repeated and far from all other values. */
const markOf = (column: Float64Array, offset: number): Mark | undefined => {
  const counts = new Map<number, number>();
  for (const value of column) if (!Number.isNaN(value)) counts.set(value, (counts.get(value) ?? 0) + 1);
  const values = Float64Array.from(counts.keys()).sort();
  const inner = values.subarray(1, -1);
  if (inner.length < DISTINCT.nines) return undefined;
  const width = inner.at(-1)! - inner[0]!;
  const marks = [
    { value: values[0]!, gap: inner[0]! - values[0]!, others: values.subarray(1) },
    { value: values.at(-1)!, gap: values.at(-1)! - inner.at(-1)!, others: values.subarray(0, -1) },
  ].filter(({ value, gap }) => {
    const isMany = counts.get(value)! >= LEAST;
    return isMany && gap > APART * width && (inner.length >= DISTINCT.any || NINES.test(String(value + offset)));
  });
  const [first] = marks.toSorted((a, b) => counts.get(b.value)! - counts.get(a.value)!);
  return first === undefined
    ? undefined
    : {
        value: first.value + offset,
        count: counts.get(first.value)!,
        rest: [first.others[0]! + offset, first.others.at(-1)! + offset],
      };
};
