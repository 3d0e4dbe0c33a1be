import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FlowError } from '@impflow/core';
import { parseFrame, readFrame } from '@impflow/tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { badTexts, goodTexts } from './csv-cases.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'impflow-parse-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe('parseFrame', () => {
  it.each(goodTexts)('parseFrame reads %s', (_what, name, bytes, columns, values) => {
    const frame = parseFrame(name, bytes);
    expect([frame.columns.map((column) => column.name), frame.source]).toEqual([columns, name]);
    const rows = Array.from({ length: frame.rows }, (_, row) => frame.columns.map(({ numbers }) => numbers[row]));
    expect(rows.flat()).toEqual(values);
  });

  it.each(badTexts)('parseFrame and readFrame refuse %s with equal messages', async (_what, name, bytes, message) => {
    const path = join(folder, name);
    await writeFile(path, bytes);
    for (const read of [() => Promise.resolve().then(() => parseFrame(name, bytes)), () => readFrame(path)]) {
      const error = await read().then(
        () => undefined,
        (reason: FlowError) => reason,
      );
      expect(error?.code).toBe('input');
      expect(error?.message.replaceAll(`${folder}/`, '').replace(/^\[tables\/\w+\] /, '')).toBe(message);
    }
  });

  it('error messages and places of rows have the right line numbers with every kind of line break', () => {
    for (const ending of ['\n', '\r\n', '\r']) {
      expect(() => parseFrame('a.csv', Uint8Array.of(...utf8(`a${ending}1${ending}2${ending}`), 0xff))).toThrow(
        'Line 4 is not UTF-8',
      );
      // A line break of two characters (`\r\n`) within quotes counts as one line break.
      const frame = parseFrame('a.csv', utf8(['"a', 'b"', '"1', '"', '', '2', '3'].join(ending)));
      expect([[...frame.columns[0]!.numbers], frame.place(0), frame.place(1), frame.place(2)]).toEqual([
        [1, 2, 3],
        'line 4',
        'line 6',
        'line 7',
      ]);
    }
  });

  it('parseFrame does not change its bytes, which may be a view of a longer array', () => {
    const bytes = utf8('##a\n1\n2##');
    const before = bytes.slice();
    expect([...parseFrame('a.csv', bytes.subarray(2, -2)).columns[0]!.numbers]).toEqual([1, 2]);
    expect(bytes).toEqual(before);
  });
});
