import { fold, key } from '@impflow/core';
import {
  describeColumns,
  frameOf,
  parseFrame,
  parsePackedFrame,
  pickFrameRows,
  splitRows,
  toCsvFrame,
} from '@impflow/tables';
import { expect, it } from 'vitest';
import { badTexts, goodTexts } from '../csv-cases.ts';

it.each(goodTexts)('in a browser, parseFrame reads %s as in Node', (_what, name, bytes, columns, values) => {
  const frame = parseFrame(name, bytes);
  expect([frame.columns.map((column) => column.name), frame.source]).toEqual([columns, name]);
  const rows = Array.from({ length: frame.rows }, (_, row) => frame.columns.map(({ numbers }) => numbers[row]));
  expect(rows.flat()).toEqual(values);
});

it.each(badTexts)('in a browser, parseFrame refuses %s as in Node', (_what, name, bytes, message) => {
  expect(() => parseFrame(name, bytes)).toThrow(message);
});

it('in a browser, JSON lines and a text that is packed by gzip can be read', async () => {
  const packed = async (text: string): Promise<Uint8Array> =>
    new Uint8Array(
      await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'))).arrayBuffer(),
    );
  for (const [name, text] of [
    ['a.csv.gz', 'a,b\n1,2\n3,4\n'],
    ['a.jsonl.gz', '{"a": 1, "b": 2}\n{"a": 3, "b": 4}\n'],
  ] as const) {
    const { columns } = await parsePackedFrame(name, await packed(text));
    expect(columns.map((column) => [column.name, ...column.numbers])).toEqual([
      ['a', 1, 3],
      ['b', 2, 4],
    ]);
    const cut = (await packed(text)).subarray(0, 15);
    await expect(parsePackedFrame(name, cut)).rejects.toThrow(`No readable gzip data in ${name}`);
  }
});

it('in a browser, a table can be prepared for training without modules of Node', () => {
  const numbers = Array.from({ length: 3000 }, (_, i) => [i % 7, Math.sin(i)]);
  const text = new TextEncoder().encode(`n,s\n${numbers.map((row) => row.join()).join('\n')}\n`);
  const frame = parseFrame('a.csv', text);
  expect(describeColumns(frame.columns).map(({ kind }) => kind)).toEqual(['integer', 'continuous']);
  const fractions = { validation: 0.1, test: 0 };
  const { train, validation } = splitRows(frame.rows, { key: fold(key(1), 5), fractions });
  expect([train.length, validation.length]).toEqual([2700, 300]);
  const rows = pickFrameRows(frame, train);
  const again = parseFrame('a.csv', new TextEncoder().encode(toCsvFrame(rows)));
  expect(again.columns).toEqual(rows.columns);
  expect([typeof globalThis.process, typeof (globalThis as { Buffer?: unknown }).Buffer]).toEqual([
    'undefined',
    'undefined',
  ]);
});

it('in a browser, rows with text and missing cells can be read and written', () => {
  const { columns } = parseFrame('a.csv', new TextEncoder().encode('kind;price\nvan;3,5\n;-\n"a ""b""";7\n'));
  expect(columns[0]!.texts).toEqual(['van', undefined, 'a "b"']);
  expect([...columns[1]!.numbers]).toEqual([3.5, NaN, 7]);
  expect(toCsvFrame(frameOf([{ kind: 'van', price: 3.5 }, { kind: null }], 'body'))).toBe('kind,price\nvan,3.5\n,\n');
});
