import { key, unknownName } from '@impflow/core';
import { describeColumns, toys } from '@impflow/data';
import { dataNames, isPath, loadRunData, loadTable } from '../dataset/resolve.ts';
import { realDatasets } from '../dataset/real.ts';
import { number, table } from '../terminal/table.ts';
import { report, type CommonOptions } from './context.ts';

/** The bundled data sets. */
export const dataList = (options: CommonOptions): number => {
  const real = Object.entries(realDatasets).map(([name, { description, columns, source, license }]) => ({ name, kind: 'real' as const, description, columns, source, license }));
  const artificial = Object.values(toys).map(({ name, description, entropy }) => ({ name, kind: 'toy' as const, description, columns: ['x', 'y'], ...(entropy === undefined ? {} : { entropy }) }));
  report(options, { sets: [...real, ...artificial] }, () => table({ head: ['name', 'kind', 'what'], rows: [...real, ...artificial].map(({ name, kind, description }) => [name, kind, description]) }));
  return 0;
};

/** What a data set or a file holds, column by column. */
export const dataDescribe = async (name: string, options: CommonOptions): Promise<number> => {
  if (!isPath(name) && !dataNames().includes(name)) throw unknownName('cli', 'data set', name, dataNames());
  const rows = Object.hasOwn(toys, name) ? (await loadRunData({ data: name }, key(0))).test : await loadTable({ data: name });
  const columns = describeColumns(rows);
  report(options, { name, source: rows.source, rows: rows.rows, columns }, () => `${rows.source}: ${number(rows.rows)} rows\n\n${table({
    head: ['column', 'kind', 'min', 'max', 'mean', 'standard deviation', 'distinct'],
    rows: columns.map(({ name: column, kind, min, max, mean, standardDeviation, distinct }) => [column, kind, min, max, mean, standardDeviation, distinct]),
  })}`);
  return 0;
};
