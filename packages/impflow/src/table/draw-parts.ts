import type { Key } from '@impflow/core';
import type { FittedColumns, Values } from '@impflow/tables';
import { dataKey } from '@impflow/training';
import type { ColumnReport } from './column-report.ts';
import { pickPart, type Part } from './part.ts';
import type { Sampler } from './source.ts';
import type { TableParts } from './split.ts';

/** Numbers of rows that are drawn once from a sampler: rows to fit a mixture, validation rows, and test rows. */
const DRAWN = { train: 2000, validation: 2000, test: 10_000 } as const;

/** Draws training, validation and test rows from a sampler. The training itself draws new rows in each step. */
export const drawParts = (sampler: Sampler, key: Key): TableParts => {
  const { columns, source } = sampler;
  const part = (name: keyof typeof DRAWN): Part => {
    const rows = DRAWN[name];
    const drawn = sampler.sample(dataKey(key, name), rows);
    const values: Values = {
      rows,
      columns: columns.map((_, j) =>
        Float64Array.from({ length: rows }, (__, row) => drawn[row * columns.length + j]!),
      ),
      remarks: [],
    };
    return { cells: values, values, weights: new Float64Array(rows).fill(1) };
  };
  const train = part('train');
  const fitted: FittedColumns = {
    columns: columns.map((name) => ({ kind: 'number', name })),
    maps: columns.map(() => ({ map: 'identity' })),
  };
  const reports = columns.map((name): ColumnReport => ({
    name,
    is: 'number',
    given: false,
    gaps: 0,
    how: 'as it is',
    rising: false,
  }));
  return {
    source,
    columns: reports,
    unmappedColumns: reports,
    fitted,
    complete: train,
    rows: Uint32Array.from({ length: DRAWN.train }, (_, row) => row),
    withGaps: pickPart(train, new Uint32Array(0)),
    validation: part('validation'),
    test: part('test'),
    testWithGaps: pickPart(train, new Uint32Array(0)),
    gaps: { train: 0, validation: 0, test: 0 },
    distinct: false,
    sampler,
    remarks: [],
  };
};
