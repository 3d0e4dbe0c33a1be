import { frameOfTable, parseTable } from '@impflow/tables';
import { expect, it } from 'vitest';

it('gives the numbers of a table in the units of the file', () => {
  const text = `day,x\n${Array.from({ length: 40 }, (_, i) => `${20200100 + i},${i / 8}`).join('\n')}\n`;
  const table = parseTable('a.csv', new TextEncoder().encode(text), { offsets: 'auto' });
  expect(Object.keys(table.offsets!)).toEqual(['day']);
  const { columns, rows, source, remarks, place } = frameOfTable(table);
  expect(columns).toEqual([
    { name: 'day', numbers: Float64Array.from({ length: 40 }, (_, i) => 20200100 + i) },
    { name: 'x', numbers: Float64Array.from({ length: 40 }, (_, i) => i / 8) },
  ]);
  expect([rows, source, remarks, place(4)]).toEqual([40, 'a.csv', table.remarks, 'row 5']);
});
