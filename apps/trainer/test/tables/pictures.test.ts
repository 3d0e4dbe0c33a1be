import { key } from '@impflow/core';
import { readTable, splitTable } from 'impflow/run';
import { describe, expect, it } from 'vitest';
import { curvesOptions } from '../../src/run-folder/write-curves.ts';
import { plotColumn } from '../../src/tables/pictures.ts';
import { allRows, rowsOfRun } from '../../src/tables/rows-to-draw.ts';

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
  it('a picture shows training rows beside few test rows, and states how many test rows are left out', async () => {
    const parts = await partsOf(500);
    const few = rowsOfRun(parts);
    const tested = parts.test.values.rows;
    expect([few.values.rows, few.training?.rows, allRows(few).rows]).toEqual([tested, 300 - tested, 300]);
    expect([few.names, few.title]).toEqual([
      { data: `${tested} test rows`, training: `${300 - tested} training rows` },
      'training rows, test rows',
    ]);
    expect(few.remark).toMatch(/^\d+ test rows? (has gaps and is|have gaps and are) not shown\.$/);
    // The training rows are different rows of the table.
    expect(new Set(few.training!.columns[1]).size).toBe(300 - tested);
    const many = rowsOfRun(await partsOf(5000));
    expect([many.training, many.title, many.values.rows > 300]).toEqual([undefined, 'test rows', true]);
    const tiny = await partsOf(20);
    expect(rowsOfRun(tiny).training!.rows).toBe(tiny.complete.values.rows);
  });
});

describe('plotColumn', () => {
  const values = Float64Array.of(-1, 0.25, Number.NaN);

  it('numbers and dates have the units of the file, and draws of repeated values are multiples of their step', () => {
    const date = plotColumn(
      { kind: 'number', name: 'day', date: 'days', offset: 19_000, resolution: 1 },
      { data: Float64Array.of(-1, 3, Number.NaN), samples: values, training: Float64Array.of(2) },
    );
    expect([date.date, date.step]).toEqual(['days', 1]);
    expect([date.data, date.samples, date.training].map((cells) => [...(cells as Float64Array)])).toEqual([
      [18_999, 19_003, Number.NaN],
      [18_999, 19_000, Number.NaN],
      [19_002],
    ]);
    const condition = plotColumn({ kind: 'number', name: 'x', given: true }, { data: values, samples: values });
    expect([condition.name, [...(condition.data as Float64Array)]]).toEqual(['x (condition)', [...values]]);
  });

  it('categories keep their names', () => {
    const column = plotColumn(
      { kind: 'category', name: 'kind', levels: ['a', 'b'] },
      { data: Float64Array.of(1, 0), samples: Float64Array.of(0, 2) },
    );
    expect([column.levels, [...(column.data as Float64Array)]]).toEqual([
      ['a', 'b'],
      [1, 0],
    ]);
  });
});

describe('curvesOptions', () => {
  const best = { step: 0, nats: 2, standardError: 0.1 };
  const training = { step: 5, optimizerStep: 5, sinceBest: 0, best };

  it('the curves name the data, the start, the chosen step and a dropped training, in the unit of the losses', () => {
    const extra = { data: { data: 'some/birds.csv' }, report: { start: best, droppedSteps: 1211 } };
    expect(curvesOptions({ extra, training }, 2)).toEqual({
      title: 'birds: loss during the training',
      subtitle: expect.stringMatching(/^A first training of 1,211 steps, from a normal base, was given up: /),
      start: { loss: 4, standardError: 0.2, name: 'the fitted mixture' },
      chosen: { step: 0, loss: 4, standardError: 0.2 },
    });
  });

  it('a checkpoint of another program needs no report', () => {
    for (const extra of [undefined, {}, { report: {} }, { report: { start: 'x', droppedSteps: {} } }])
      expect(curvesOptions({ extra }, 1)).toEqual({});
  });
});
