import { frameOf } from '@impflow/tables';
import { expect, it } from 'vitest';
import { totalRemarks } from '../../src/table/total-rows.ts';

const told = (texts: readonly string[]): readonly string[] =>
  totalRemarks(
    frameOf(
      texts.map((region, i) => ({ region, units: i })),
      'sales.csv',
    ),
  );
const regions = Array.from({ length: 40 }, (_, i) => `Region ${i % 4}`);

it('a remark names rows that are totals of other rows', () => {
  expect(told([...regions, 'Grand Total'])).toEqual([
    '1 row of sales.csv looks like a total of other rows: "Grand Total" in row 41. If so, delete it.',
  ]);
  expect(told([...regions, 'Total Region A', 'Zwischensumme', 'Subtotal', 'Branch total:'])).toEqual([
    '4 rows of sales.csv look like totals of other rows: "Total Region A" in row 41, "Zwischensumme" in row 42, "Subtotal" in row 43, …. If so, delete them.',
  ]);
});

it('a category that many rows share, or another word, does not make a row of totals', () => {
  expect(told(regions.map((text, i) => (i % 3 === 0 ? 'total' : text)))).toEqual([]);
  expect(told([...regions, 'Totally new', 'Summer', 'subtotality'])).toEqual([]);
});
