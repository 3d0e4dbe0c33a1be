// Tests of the worker that learns a whole table, in Node. The browser tests compare its numbers with the command line.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFrame } from '@impflow/tables';
import { describe, expect, it } from 'vitest';
import type { LearnProgress } from '../../../src/protocol/table.ts';
import { readTable } from '../../../src/workers/data/read-table.ts';
import { table } from '../../../src/workers/table/table.ts';

const PENGUINS = new Uint8Array(
  readFileSync(new URL('../../../../../examples/impflow/penguins.json', import.meta.url)),
);
const COLUMNS = ['Species', 'Beak Length (mm)', 'Body Mass (g)', 'Sex'];
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

it('the worker learns a table, finds a cell that does not fit, describes empty cells and draws pictures of pairs', async () => {
  const worker = table();
  const rows = JSON.parse(new TextDecoder().decode(PENGUINS)) as Record<string, unknown>[];
  // A penguin that is ten times as heavy as the others.
  rows[7] = { ...rows[7], 'Body Mass (g)': 46_750, Sex: 'MALE' };
  const told: LearnProgress[] = [];
  const learned = await worker.learn(
    { name: 'penguins.json', bytes: utf8(JSON.stringify(rows)) },
    { columns: COLUMNS, seconds: 5, steps: 3, seed: 0 },
    (progress) => told.push(progress),
  );
  expect(told.at(-2)).toMatchObject({ share: 1, text: expect.stringMatching(/^Step 3 of about 3: loss /) });
  expect(learned.columns.map(({ kind }) => kind)).toEqual(['category', 'number', 'number', 'category']);
  const { strangest, withGaps, gaps } = learned.rows!;
  expect([strangest[0], withGaps[0], gaps[withGaps[0]!]]).toEqual([7, 3, 3]);
  expect(worker.explain(7)[0]).toMatchObject({ column: 'Body Mass (g)', value: '46750' });
  expect(worker.explain(7)[0]!.nats).toBeGreaterThan(5);
  expect(worker.fill(7)).toEqual([]);
  expect(worker.fill(3).map(({ column, text }) => [column, text.replaceAll(/[\d.]+/g, 'n')])).toEqual([
    ['Beak Length (mm)', 'n (n to n)'],
    ['Body Mass (g)', 'n (n to n)'],
    ['Sex', expect.stringMatching(/^(FEMALE|MALE) n %, (FEMALE|MALE) n %$/)],
  ]);
  const [, first] = worker.filledAsCsv().split('\n');
  expect(first).toBe('Adelie,Torgersen,39.1,18.7,181,3750,MALE');

  const pair = worker.pair('Body Mass (g)', 'Species');
  expect([pair.size[1], pair.up.ticks.map(({ label }) => label)]).toEqual([3, ['Adelie', 'Gentoo', 'Chinstrap']]);
  // The wrong cell is at the end of the axis, and does not squeeze the others into a corner.
  expect(pair.rows[2 * 7]).toBe(1);
  expect(pair.rows[0]).toBeGreaterThan(0.2);
  expect(pair.light.every((value) => value <= 0 && value > -3)).toBe(true);

  // A model from a file has no rows, until rows are opened.
  const other = table();
  const opened = await other.open('penguins.safetensors', worker.checkpoint());
  expect([opened.rows, opened.report.won]).toEqual([undefined, learned.report.won]);
  expect(() => other.explain(0)).toThrow('No table is open');
  const scored = await other.score({ name: 'penguins.json', bytes: utf8(JSON.stringify(rows)) });
  expect(scored.pValues).toEqual(learned.rows!.pValues);
});

describe('readTable', () => {
  it.each([
    ['book.xlsx', 'x', 'got a workbook. In the spreadsheet program, save the sheet as CSV (UTF-8).'],
    [
      'rows.json',
      '{"x": 1}',
      'expected a JSON array of objects, such as [{"x": 1, "kind": "a"}, …], got a value of type object.',
    ],
    ['rows.json', '[1', 'No table in rows.json'],
    ['rows.parquet', 'PAR1 no table', 'No readable Parquet table in rows.parquet'],
  ])('%s is refused with what to do', async (name, text, sentence) => {
    await expect(readTable({ name, bytes: utf8(text) })).rejects.toThrow(sentence);
  });

  it('JSON arrays, JSON lines and Parquet files give the same cells', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'impflow-tables-'));
    const objects = [
      { x: 1.5, kind: 'a' },
      { x: null, kind: 'b' },
    ];
    const lines = await readTable({
      name: 'a.jsonl',
      bytes: utf8(objects.map((row) => JSON.stringify(row)).join('\n')),
    });
    const array = await readTable({ name: 'a.json', bytes: utf8(JSON.stringify(objects)) });
    await writeFrame(join(folder, 'a.parquet'), array);
    const bytes = new Uint8Array(readFileSync(join(folder, 'a.parquet')));
    rmSync(folder, { recursive: true });
    for (const frame of [lines, array, await readTable({ name: 'a.parquet', bytes })])
      expect(frame.columns.map(({ numbers, texts }) => [[...numbers], texts])).toEqual([
        [[1.5, NaN], undefined],
        [
          [NaN, NaN],
          ['a', 'b'],
        ],
      ]);
  });
});
