import { fold, key } from '@impflow/core';
import {
  dequantise,
  describeColumns,
  fitScaling,
  frameOf,
  integerColumns,
  parseFrame,
  parseTable,
  pickRows,
  splitRows,
  toCsvFrame,
  toCsvText,
} from '@impflow/tables';
import { expect, it } from 'vitest';
import { badTexts, goodTexts } from '../csv-cases.ts';

it.each(goodTexts)('reads %s as Node does', (_what, name, bytes, columns, values) => {
  expect(parseTable(name, bytes)).toMatchObject({
    columns,
    rows: values.length / columns.length,
    values: Float32Array.from(values),
    source: name,
  });
});

it.each(badTexts)('refuses %s with the same message as Node', (_what, name, bytes, message) => {
  expect(() => parseTable(name, bytes)).toThrow(`[tables/readTable] ${message}`);
});

it('prepares a table without modules of Node', () => {
  const numbers = Array.from({ length: 3000 }, (_, i) => [i % 7, Math.sin(i)]);
  const table = parseTable('a.csv', new TextEncoder().encode(`n,s\n${numbers.map((row) => row.join()).join('\n')}\n`));
  expect(integerColumns(table)).toEqual(['n']);
  const noisy = dequantise(table, { n: 1 }, key(1));
  const { train, validation } = splitRows(noisy.rows, {
    key: fold(key(1), 5),
    fractions: { validation: 0.1, test: 0 },
  });
  expect([train.length, validation.length]).toEqual([2700, 300]);
  const rows = pickRows(noisy, train);
  const { mean, scale } = fitScaling(rows);
  expect(describeColumns(rows).map((column) => [column.mean, column.standardDeviation])).toEqual(
    [0, 1].map((j) => [mean[j], scale[j]]),
  );
  expect(parseTable('a.csv', new TextEncoder().encode(toCsvText(rows))).values).toEqual(rows.values);
  expect([typeof globalThis.process, typeof (globalThis as { Buffer?: unknown }).Buffer]).toEqual([
    'undefined',
    'undefined',
  ]);
});

it('reads and writes rows with texts and gaps', () => {
  const { columns } = parseFrame('a.csv', new TextEncoder().encode('kind;price\nvan;3,5\n;-\n"a ""b""";7\n'));
  expect(columns[0]!.texts).toEqual(['van', undefined, 'a "b"']);
  expect([...columns[1]!.numbers]).toEqual([3.5, NaN, 7]);
  expect(toCsvFrame(frameOf([{ kind: 'van', price: 3.5 }, { kind: null }], 'body'))).toBe('kind,price\nvan,3.5\n,\n');
});
