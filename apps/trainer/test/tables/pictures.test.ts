import { key } from '@impflow/core';
import { readTable, splitTable } from 'impflow/run';
import { describe, expect, it } from 'vitest';
import { plotColumn } from '../../src/tables/pictures.ts';
import { rowsOfRun } from '../../src/tables/rows-to-draw.ts';

/** Splits a table of `rows` rows, of which every tenth has a gap. */
const partsOf = async (rows: number) =>
  splitTable(
    await readTable(
      Array.from({ length: rows }, (_, i) => ({ x: i % 10 === 9 ? undefined : Math.sin(i), y: Math.cos(3 * i) })),
      {},
    ),
    { key: key(1) },
  );

describe('rowsOfRun', () => {
  it('a picture shows all rows if there are few test rows, and states how many rows with gaps are left out', async () => {
    const few = rowsOfRun(await partsOf(20));
    expect([few.values.rows, few.names, few.remark]).toEqual([
      18,
      expect.stringMatching(/^all 18 rows, [12] of them test rows$/),
      '2 rows have gaps and are not drawn.',
    ]);
    const parts = await partsOf(500);
    const many = rowsOfRun(parts);
    expect([many.values.rows, many.names]).toEqual([parts.test.values.rows, `${parts.test.values.rows} test rows`]);
    expect(many.remark).toMatch(/^\d+ test rows? (has gaps and is|have gaps and are) not drawn\.$/);
  });
});

describe('plotColumn', () => {
  const values = Float64Array.of(-1, 0.25, Number.NaN);

  it('numbers and dates have the units of the file, and the noise of repeated values lies around them', () => {
    const date = plotColumn(
      { kind: 'number', name: 'day', date: 'days', offset: 19_000, resolution: 1 },
      values,
      values,
    );
    expect([date.date, date.step, [...(date.data as Float64Array)]]).toEqual([
      'days',
      1,
      [18_998.5, 18_999.75, Number.NaN],
    ]);
    const condition = plotColumn({ kind: 'number', name: 'x', given: true }, values, values);
    expect([condition.name, [...(condition.data as Float64Array)]]).toEqual(['x (condition)', [...values]]);
  });

  it('categories keep their names', () => {
    const column = plotColumn(
      { kind: 'category', name: 'kind', levels: ['a', 'b'] },
      Float64Array.of(1, 0),
      Float64Array.of(0, 2),
    );
    expect([column.levels, [...(column.data as Float64Array)]]).toEqual([
      ['a', 'b'],
      [1, 0],
    ]);
  });
});
