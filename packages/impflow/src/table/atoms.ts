import { describeColumns, isTargetNumber, type Atom, type ColumnSpec, type Values } from '@impflow/tables';

/** With a larger share of one value, a log-density says more about that value than about all others. */
const HALF = 0.5;

/**
 * Values that many rows share, by the name of the column: of more than half of the rows, and those that alone make a
 * column repeat, such as zeros among amounts.
 *
 * @param cells Rows without noise.
 */
export const atomsOf = (columns: readonly ColumnSpec[], cells: Values): Readonly<Record<string, Atom>> =>
  Object.fromEntries(
    columns.flatMap((column, j) => {
      if (!isTargetNumber(column) || column.resolution === undefined) return [];
      const { name, offset = 0 } = column;
      const { atom, kind, distinct } = describeColumns([{ name, numbers: cells.columns[j]! }])[0]!;
      const isTold = atom !== undefined && (kind === 'atoms' || (atom.share > HALF && distinct > 2));
      return isTold ? [[name, { ...atom, value: atom.value + offset }] as const] : [];
    }),
  );
