import { key, normals } from '@impflow/core';
import { frameOf, type DataSet, type Frame, type FrameColumn } from '@impflow/tables';
import { testDataSet } from '@impflow/testkit';

const columns = ['height (m)', 'weight (kg)'];
const ROWS = 100;
const people = (seed: number): Frame => {
  const drawn = normals(key(seed), 2 * ROWS);
  return frameOf(
    Array.from({ length: ROWS }, (_, i) => ({ 'height (m)': drawn[2 * i], 'weight (kg)': drawn[2 * i + 1] })),
    'people',
  );
};
const sound: DataSet = {
  description: 'A hundred people.',
  source: 'Drawn from a key',
  license: 'CC0 1.0',
  columns,
  load: () => Promise.resolve(people(1)),
};
/** Returns the method `load` of a data set, which calls the given function each time that the data set is loaded. */
const given = (load: () => Frame): Partial<DataSet> => ({ load: () => Promise.resolve(load()) });
const changed = (change: (column: FrameColumn, j: number) => FrameColumn, of: () => Frame = () => people(1)) =>
  given(() => {
    const frame = of();
    return { ...frame, columns: frame.columns.map(change) };
  });
const numbers = (change: (numbers: Float64Array) => Float64Array): Partial<DataSet> =>
  changed((column, j) => (j === 0 ? column : { ...column, numbers: change(column.numbers) }));
const named = (names: readonly string[]): Partial<DataSet> => changed((column, j) => ({ ...column, name: names[j]! }));
const withTexts = (): Frame =>
  frameOf(
    Array.from({ length: ROWS }, (_, i) => ({
      'height (m)': i % 8 === 0 ? null : 1 + i / 100,
      'weight (kg)': i % 4 === 1 ? 'heavy' : 50 + i,
    })),
    'people',
  );
const kept = people(1);
const keptTexts = withTexts();
let loads = 0;

const sets: Readonly<Record<string, Partial<DataSet>>> = {
  sound: {},
  'no license': { license: ' ' },
  'a column name twice': { ...named(['x', 'x']), columns: ['x', 'x'] },
  'other columns than declared': named(['height (m)', 'age']),
  'one number missing': numbers((all) => all.slice(1)),
  'a constant column': numbers((all) => all.map(() => 1)),
  'repeated rows': changed((column) => ({ ...column, numbers: column.numbers.map((_, i, all) => all[i % 50]!) })),
  'changes between loads': given(() => people(loads++)),
  'texts and gaps': given(withTexts),
  'texts of other rows': changed(
    (column) => ({ ...column, ...(column.texts ? { texts: column.texts.slice(1) } : {}) }),
    withTexts,
  ),
  'a text with a space at its end': changed(
    (column) => ({
      ...column,
      ...(column.texts ? { texts: column.texts.map((text, i) => (i === 93 ? `${text!} ` : text)) } : {}),
    }),
    withTexts,
  ),
  'a number beside a text': changed(
    (column) => ({ ...column, numbers: column.texts ? column.numbers.with(93, 0) : column.numbers }),
    withTexts,
  ),
  'an infinite number': numbers((all) => all.with(7, Infinity)),
  'returns its own array': given(() => kept),
  'returns its own texts': changed(
    (column, j) => ({ ...column, ...(column.texts ? { texts: keptTexts.columns[j]!.texts! } : {}) }),
    withTexts,
  ),
};

for (const [name, change] of Object.entries(sets)) testDataSet({ name, dataSet: () => ({ ...sound, ...change }) });
