import { failedIn, FlowError, key, unknownName, type Key } from '@impflow/core';
import {
  isFrame,
  offsetList,
  readTable,
  selectColumns,
  tableOfFrame,
  toys,
  type DataSet,
  type Frame,
  type FrameColumn,
  type Offsets,
  type Table,
} from '@impflow/tables';
import { dataKey } from '@impflow/training';
import { bundledRows, dataNames, isPath, type DataSource } from './source.ts';

/** Number of rows of a toy that are held out. Its training rows are drawn anew for each step. */
export const TOY_ROWS = { validation: 2000, test: 10_000 } as const;

/**
 * All rows of a source, before the split.
 *
 * @throws `registry` for an unknown name; errors of the readers.
 */
export const loadTable = async (
  { data, columns, set, offsets, header, separator, decimal }: DataSource,
  options: { readonly minRows?: number } = {},
): Promise<Table> => {
  if (set === undefined && isPath(data)) {
    return readTable(data, {
      ...options,
      offsets: offsets ?? 'auto',
      ...(columns === undefined ? {} : { columns }),
      ...(header === undefined ? {} : { header: header === 'yes' }),
      ...(separator === undefined ? {} : { separator }),
      ...(decimal === undefined ? {} : { decimal }),
    });
  }
  const rows = await loadSet(data, set);
  if (isFrame(rows))
    return tableOfFrame(rows, {
      ...options,
      ...(columns === undefined ? {} : { columns }),
      offsets: offsets ?? 'auto',
    });
  return withoutOffsets(columns === undefined ? rows : selectColumns(rows, columns), offsets ?? {});
};

/**
 * All rows of a bundled data set, of a toy, or of the data set of a plugin.
 *
 * @throws `registry` for an unknown name; `shape` if a set gives no rows.
 */
export const loadSet = async (name: string, set: DataSet | undefined): Promise<Table | Frame> => {
  const known = set ?? bundledRows(name);
  if (known !== undefined) return rowsOf(name, known);
  if (Object.hasOwn(toys, name)) return toyTable(name, dataKey(key(0), 'test'), TOY_ROWS.test);
  throw unknownName('cli', 'data set', name, dataNames());
};

/** The table with the offsets subtracted from its float32 values, which had none. */
const withoutOffsets = (table: Table, offsets: Offsets): Table => {
  const list = offsetList(table.columns, offsets);
  return list.every((offset) => offset === 0)
    ? table
    : { ...table, offsets, values: table.values.map((value, i) => value - list[i % list.length]!) };
};

/**
 * The rows of a data set.
 *
 * @throws `shape` if they are neither a table nor a frame; errors of `load`, with the name of the set.
 */
const rowsOf = async (name: string, set: DataSet): Promise<Table | Frame> => {
  let found: unknown;
  try {
    found = await set.load();
  } catch (cause) {
    throw failedIn('cli', 'data set', set, 'load', cause, name);
  }
  if (isRows(found)) return found;
  const { columns, rows, values } = (found as Partial<Table> | undefined) ?? {};
  throw new FlowError('shape', 'cli', `The data set "${name}" gave a wrong table`, {
    expected: '{ columns, rows, values } with rows times columns values, or a frame',
    got:
      values === undefined
        ? String(found)
        : `${String(rows)} rows of ${columns?.length ?? 'no'} columns and ${values.length} values`,
  });
};

const isRows = (found: unknown): found is Table | Frame => {
  const { columns, rows, values, place } = (found ?? {}) as Partial<Table & Pick<Frame, 'place'>>;
  if (!Array.isArray(columns)) return false;
  if (typeof place !== 'function') return values !== undefined && values.length === rows! * columns.length;
  return (columns as readonly Partial<FrameColumn>[]).every(
    ({ name, numbers }) => typeof name === 'string' && numbers?.length === rows,
  );
};

/** Rows `[rows, 2]` of a toy, drawn with `key`. */
export const toyTable = (data: string, key: Key, rows: number): Table => ({
  columns: ['x', 'y'],
  rows,
  values: toys[data]!.sample(key, rows),
  source: data,
});
