import { fold, key, unknownName, type Key } from '@impflow/core';
import { offsetList, readTable, selectColumns, toys, type Offsets, type Table } from '@impflow/data';
import { realDatasets } from './real.ts';
import { dataNames, isPath, type DataSource } from './source.ts';

/** Rows of a toy held out for validation and for the final figures; training rows are drawn afresh. */
export const TOY_ROWS = { validation: 2000, test: 10_000 } as const;

/** All rows of a source, before any split. @throws `registry` for an unknown name, and what the readers throw. */
export const loadTable = async ({ data, columns, set, offsets, header, separator, decimal }: DataSource, options: { readonly minRows?: number } = {}): Promise<Table> => {
  if (set === undefined && isPath(data)) {
    return readTable(data, {
      ...options, offsets: offsets ?? 'auto', ...(columns === undefined ? {} : { columns }), ...(header === undefined ? {} : { header: header === 'yes' }),
      ...(separator === undefined ? {} : { separator }), ...(decimal === undefined ? {} : { decimal }),
    });
  }
  const isToy = Object.hasOwn(toys, data);
  const known = set ?? (Object.hasOwn(realDatasets, data) ? realDatasets[data as keyof typeof realDatasets] : undefined);
  if (!isToy && known === undefined) throw unknownName('cli', 'data set', data, dataNames());
  const table = known === undefined ? toyTable(data, key(0), { rows: TOY_ROWS.test, purpose: 2 }) : await known.load();
  return less(columns === undefined ? table : selectColumns(table, columns), offsets ?? {});
};

/** Numbers of float32 that came without offsets, less these. */
const less = (table: Table, offsets: Offsets): Table => {
  const list = offsetList(table.columns, offsets);
  return list.every((offset) => offset === 0) ? table : { ...table, offsets, values: table.values.map((value, i) => value - list[i % list.length]!) };
};

/** Rows `[rows, 2]` of a toy; `purpose` tells the parts of a run apart. */
export const toyTable = (data: string, key: Key, { rows, purpose }: { readonly rows: number; readonly purpose: number }): Table =>
  ({ columns: ['x', 'y'], rows, values: toys[data]!.sample(fold(key, purpose), rows), source: data });
