import type { Cell } from '../../rows/rows.ts';

/**
 * A range of numbers or dates. Each end is a number, a `Date`, or text such as `2020-04-13`. A range without a lower or
 * an upper end is not bounded on this side.
 */
export interface CellRange {
  /** The cell is above this value. */
  readonly above?: Cell;
  /** The cell is at least this value. */
  readonly atLeast?: Cell;
  /** The cell is below this value. */
  readonly below?: Cell;
  /** The cell is at most this value. */
  readonly atMost?: Cell;
}

/** A set of values of a cell: one value, a list of values, or a range. */
export type CellSet = Cell | readonly Cell[] | CellRange;

/**
 * An event: a condition on rows, which a row fulfils or not. As an object, the event holds if every named column has a
 * value in its set: `{ age: { above: 40 }, kind: ['oak', 'ash'] }`. As text, comparisons are joined by `and`, `or` and
 * `not`: `price > 100 and kind in (oak, ash)`.
 *
 * @remarks An event holds for the cells as `sample` writes them, without the noise of rounded columns: `age = 3` in a
 * column of whole numbers is the cell 3. In a column whose values do not repeat, a single value has the probability 0
 * and is refused, unless it is a spike (a frequent exact value, such as 0 among amounts of rain). In a periodic column,
 * a range with two ends is the arc from the lower end to the upper end, so `{ atLeast: 22, below: 2 }` are the hours
 * around midnight. Categories that training did not see are refused, and so are empty cells: the model has no
 * distribution of gaps.
 */
export type RowEvent<Row = Readonly<Record<string, CellSet>>> = string | { readonly [Name in keyof Row]?: CellSet };

/** An event as a tree: tests of single cells, joined by `and`, `or` and `not`. */
export type EventTree =
  | { readonly kind: 'cell'; readonly column: string; readonly set: CellSet }
  | { readonly kind: 'not'; readonly part: EventTree }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly EventTree[] };

/** Whether a set of values of a cell is a range. */
export const isRange = (set: CellSet): set is CellRange =>
  typeof set === 'object' && set !== null && !Array.isArray(set) && !(set instanceof Date);
