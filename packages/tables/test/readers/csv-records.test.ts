import { bits, fold, key } from '@impflow/core';
import { parse } from 'csv-parse/sync';
import { expect, it } from 'vitest';
import { fittingRecords } from '../../src/read/csv-records.ts';
import type { Separator } from '../../src/read/options.ts';

const PIECES = [
  'a',
  '1',
  '.5',
  ',',
  ',',
  ';',
  '\t',
  '"',
  '"',
  '""',
  '"b"',
  '\n',
  '\r\n',
  '\r',
  ' ',
  '\u00A0',
  '\uFEFF',
  'é',
];

/**
 * Returns the records that the library csv-parse reads, with their line numbers, up to the first record that the
 * library refuses.
 */
const ofLibrary = (text: string, delimiter: Separator): { records: unknown[]; refused: boolean } => {
  const records: unknown[] = [];
  let counted = 0;
  try {
    parse(text, {
      delimiter,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: delimiter !== '\t',
      record_delimiter: ['\r\n', '\n', '\r'],
      on_record: (cells: string[], { lines }) => {
        for (const cell of cells) counted += cell.split('\r\n').length - 1;
        records.push([lines - counted, cells.map((cell) => cell.trim())]);
        return null;
      },
    });
    return { records, refused: false };
  } catch {
    return { records, refused: true };
  }
};

it('fittingRecords returns the records and line numbers of csv-parse, up to the first misplaced quote', () => {
  let [whole, refusals] = [0, 0];
  const wrong: string[] = [];
  for (let round = 0; round < 4_000; round++) {
    const words = bits(fold(key(11), round), 1 + (round % 24));
    const text = Array.from(words, (word) => PIECES[word % PIECES.length]).join('');
    const delimiter = ([',', ';', '\t', '|'] as const)[words[0]! >>> 30]!;
    const records: unknown[] = [];
    const { taken, all } = fittingRecords(text, delimiter, (cells, line) => {
      records.push([line, cells.map((cell) => cell.trim())]);
    });
    const expected = ofLibrary(text, delimiter);
    expect(records, JSON.stringify([delimiter, text])).toEqual(expected.records.slice(0, taken));
    expect(taken).toBe(records.length);
    if (all && (expected.refused || records.length !== expected.records.length)) wrong.push(text);
    if (all) whole++;
    if (expected.refused) refusals++;
  }
  expect(wrong).toEqual([]);
  expect(whole).toBeGreaterThan(700);
  expect(refusals).toBeGreaterThan(1000);
});
