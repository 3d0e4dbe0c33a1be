import { cellText, type CellType, type Frame, type FrameColumn } from '@impflow/tables';
import type { AnyRow, Cell } from './rows.ts';

/**
 * Converts the rows of a frame to objects. A cell of a column in `types` is converted to the original type of the
 * column: string, boolean, date, bigint, or number for categories. Other cells are numbers and strings. An empty cell is null. A float32 number
 * is rounded to the fewest digits from which it can be restored: 36.9, not 36.900001525878906. A string that does not
 * fit the type of its column stays a string.
 *
 * @param types Types of columns by name. Default: the types that the frame contains.
 */
export const rowsOfFrame = (frame: Frame, types: ColumnTypes = columnTypes(frame)): AnyRow[] => {
  const columns = frame.columns.map((column) => {
    const { name } = column;
    const type = Object.hasOwn(types, name) ? types[name] : undefined;
    return { name, cell: (row: number): Cell => cellOf(column, row, type) };
  });
  return Array.from({ length: frame.rows }, (_, row) =>
    Object.fromEntries(columns.map(({ name, cell }) => [name, cell(row)])),
  );
};

const cellOf = (column: FrameColumn, row: number, type: ColumnTypes[string] | undefined): Cell => {
  const text = cellText(column, row);
  if (text === undefined) return null;
  const number = column.numbers[row]!;
  if (type === 'string') return text;
  // A category is text in a frame, even if all cells were numbers.
  if (type === 'number') return Number.isNaN(Number(text)) ? text : Number(text);
  if (type === 'bigint' && WHOLE.test(text)) return BigInt(text);
  if (!Number.isNaN(number))
    return type === 'bigint' && Number.isFinite(number) ? BigInt(Math.round(number)) : Number(text);
  if (type === 'boolean') return text === 'true' || (text === 'false' ? false : text);
  if (type === 'date') return dateOf(text);
  return text;
};

/** Pattern of a whole number, all digits of which a bigint keeps. Other numbers, which a model may draw, are rounded. */
const WHOLE = /^-?\d+$/;

const dateOf = (text: string): Date | string => {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? text : date;
};

/**
 * Types of the original cells of columns, by name, as plain JSON. A column is absent if its cells are numbers, have
 * several types, or come from a file. The type `number` is needed only for categories, which a frame may hold as text.
 */
export type ColumnTypes = Readonly<Record<string, CellType | 'number'>>;

/**
 * Returns the types of the columns of a frame, for {@link rowsOfFrame}.
 *
 * @param categories Names of columns of categories. Their type is `number` if all cells are numbers, and otherwise
 * `string` if the frame does not know a type. Default: none.
 */
export const columnTypes = ({ columns }: Frame, categories: readonly string[] = []): ColumnTypes =>
  Object.fromEntries(
    columns.flatMap(({ name, type, written }) => {
      const own = type ?? (categories.includes(name) ? (written === undefined ? 'number' : 'string') : undefined);
      return own === undefined ? [] : [[name, own] as const];
    }),
  );
