import { frameOf, frameOfTable, parseFrame, parseTable, tableOfFrame } from '@impflow/tables';
import { describe, expect, it } from 'vitest';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const TEXT = `day,x,note\n${Array.from({ length: 40 }, (_, i) => `${20200100 + i},${i / 7},n${i}`).join('\n')}\n`;

describe('tableOfFrame', () => {
  it('gives the table that the reader of tables gives, bit for bit', () => {
    const options = { columns: ['day', 'x'], offsets: 'auto' } as const;
    expect(tableOfFrame(parseFrame('a.csv', bytes(TEXT)), options)).toEqual(parseTable('a.csv', bytes(TEXT), options));
  });

  it('is the inverse of frameOfTable', () => {
    const table = parseTable('a.csv', bytes(TEXT), { columns: ['x', 'day'], offsets: 'auto' });
    expect(tableOfFrame(frameOfTable(table), { offsets: table.offsets! })).toEqual(table);
  });

  it.each([
    ['a text', [{ x: 1 }, { x: 'a' }], 'Text in the column "x" of rows, row 2'],
    ['a gap', [{ x: 1 }, { x: null }], 'A missing value in the column "x" of rows, row 2'],
    ['an infinite number', [{ x: 1 }, { x: Infinity }], 'Infinity in the column "x"'],
  ])('refuses %s', (_what, objects, said) => {
    expect(() => tableOfFrame(frameOf(objects, 'rows'))).toThrow(said);
    expect(() => tableOfFrame(frameOf(objects, 'rows'), { columns: ['y'] })).toThrow('Unknown column');
  });
});
