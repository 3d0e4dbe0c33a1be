import { failedIn, FlowError, key, unknownName, type Key } from '@impflow/core';
import { offsetList, readTable, selectColumns, toys, type DataSet, type Offsets, type Table } from '@impflow/data';
import { dataKey } from '@impflow/training';
import { realDatasets } from './bundled-tables.ts';
import { dataNames, isPath, type DataSource } from './source.ts';

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
  const isToy = Object.hasOwn(toys, data);
  const known =
    set ?? (Object.hasOwn(realDatasets, data) ? realDatasets[data as keyof typeof realDatasets] : undefined);
  if (!isToy && known === undefined) throw unknownName('cli', 'data set', data, dataNames());
  const table =
    known === undefined ? toyTable(data, dataKey(key(0), 'test'), TOY_ROWS.test) : await rowsOf(data, known);
  return withoutOffsets(columns === undefined ? table : selectColumns(table, columns), offsets ?? {});
};

/** The table with the offsets subtracted from its float32 values, which had none. */
const withoutOffsets = (table: Table, offsets: Offsets): Table => {
  const list = offsetList(table.columns, offsets);
  return list.every((offset) => offset === 0)
    ? table
    : { ...table, offsets, values: table.values.map((value, i) => value - list[i % list.length]!) };
};

/**
 * The table of a data set.
 *
 * @throws `shape` if it does not have rows times columns values; errors of `load`, with the name of the set.
 */
const rowsOf = async (name: string, set: DataSet): Promise<Table> => {
  let table: Table;
  try {
    table = await set.load();
  } catch (cause) {
    throw failedIn('cli', 'data set', set, 'load', cause, name);
  }
  const { columns, rows, values } = (table as Partial<Table> | undefined) ?? {};
  if (columns !== undefined && values !== undefined && values.length === rows! * columns.length) return table;
  throw new FlowError('shape', 'cli', `The data set "${name}" gave a wrong table`, {
    expected: '{ columns, rows, values } with rows times columns values',
    got:
      values === undefined
        ? String(table)
        : `${String(rows)} rows of ${columns?.length ?? 'no'} columns and ${values.length} values`,
  });
};

/** Rows `[rows, 2]` of a toy, drawn with `key`. */
export const toyTable = (data: string, key: Key, rows: number): Table => ({
  columns: ['x', 'y'],
  rows,
  values: toys[data]!.sample(key, rows),
  source: data,
});
