import { key, normals } from '@impflow/core';
import { frameOf, type DataSet, type Frame, type Table } from '@impflow/tables';
import { testDataSet } from '@impflow/testkit';

const columns = ['height (m)', 'weight (kg)'];
const table = (seed: number): Table => ({
  columns,
  rows: 100,
  values: Float32Array.from(normals(key(seed), 200)),
  source: 'people',
});
const sound: DataSet = {
  description: 'A hundred people.',
  source: 'Drawn from a key',
  license: 'CC0 1.0',
  columns,
  load: () => Promise.resolve(table(1)),
};
const given = (change: (of: Table) => Table): Partial<DataSet> => ({ load: () => Promise.resolve(change(table(1))) });
const frame = (): Frame =>
  frameOf(
    Array.from({ length: 100 }, (_, i) => ({
      'height (m)': i % 8 === 0 ? null : 1 + i / 100,
      'weight (kg)': i % 4 === 1 ? 'heavy' : 50 + i,
    })),
    'people',
  );
const framed = (change: (of: Frame) => Frame): Partial<DataSet> => ({ load: () => Promise.resolve(change(frame())) });
const kept = table(1);
let loads = 0;

const sets: Readonly<Record<string, Partial<DataSet>>> = {
  sound: {},
  'no license': { license: ' ' },
  'a column name twice': { columns: ['x', 'x'], ...given((of) => ({ ...of, columns: ['x', 'x'] })) },
  'other columns than declared': given((of) => ({ ...of, columns: ['height (m)', 'age'] })),
  'one number missing': given((of) => ({ ...of, values: of.values.slice(1) })),
  'a missing value': given((of) => ({ ...of, values: of.values.with(7, Number.NaN) })),
  'a constant column': given((of) => ({ ...of, values: of.values.map((value, i) => (i % 2 === 0 ? value : 1)) })),
  'repeated rows': given((of) => ({ ...of, values: of.values.map((_, i) => of.values[i % 100]!) })),
  'changes between loads': { load: () => Promise.resolve(table(loads++)) },
  'texts and gaps': framed((of) => of),
  'texts of other rows': framed((of) => ({
    ...of,
    columns: of.columns.map((column) => ({ ...column, ...(column.texts ? { texts: column.texts.slice(1) } : {}) })),
  })),
  'an infinite number among texts': framed((of) => ({
    ...of,
    columns: of.columns.map((column) => ({ ...column, numbers: column.numbers.with(7, Infinity) })),
  })),
  'returns its own array': { load: () => Promise.resolve(kept) },
};

for (const [name, change] of Object.entries(sets)) testDataSet({ name, dataSet: () => ({ ...sound, ...change }) });
