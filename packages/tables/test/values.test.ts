import { FlowError, key } from '@impflow/core';
import {
  frameOf,
  parseFrame,
  atMiddle,
  cellOf,
  frameOfValues,
  readingFor,
  valuesOf,
  withNoise,
  type ColumnSpec,
} from '@impflow/tables';
import { describe, expect, it } from 'vitest';
import { rowsOf } from './models.ts';

const COLUMNS: readonly ColumnSpec[] = [
  { kind: 'number', name: 'x', offset: 100, resolution: 0.1 },
  { kind: 'category', name: 'c', levels: ['b', 'a', '007'] },
  { kind: 'number', name: 'day', date: 'days', dayFirst: true, resolution: 1, offset: 18_000 },
  { kind: 'number', name: 'time', date: 'seconds', offset: 1_600_000_000 },
];

describe('valuesOf', () => {
  it('valuesOf returns numbers minus offsets, codes of categories, and days, and NaN for missing cells', () => {
    const frame = parseFrame(
      'f.csv',
      new TextEncoder().encode(
        'x,c,day,time,more\n100.5,a,03/04/2020,2020-09-13T14:26:40+02:00,1\n-,007,?,,2\n,,2020-04-05,2020-09-13 12:26:41,3\n',
      ),
    );
    const { columns, rows, remarks } = valuesOf(frame, COLUMNS);
    expect(rows).toBe(3);
    expect(remarks).toEqual([]);
    expect([...columns[0]!]).toEqual([0.5, NaN, NaN]);
    expect([...columns[1]!]).toEqual([1, 2, NaN]);
    expect([...columns[2]!]).toEqual([355, NaN, 357]);
    expect([...columns[3]!]).toEqual([0, NaN, 1]);
  });

  it('valuesOf reads a column that contains only marks as missing cells', () => {
    const frame = parseFrame('f.csv', new TextEncoder().encode('x,c,day,time\n-,a,-,-\n?,a,-,-\n'));
    const { columns } = valuesOf(frame, COLUMNS);
    for (const j of [0, 2, 3]) expect([...columns[j]!]).toEqual([NaN, NaN]);
  });

  it('valuesOf reads empty columns as missing cells', () => {
    const { columns } = valuesOf(parseFrame('f.csv', new TextEncoder().encode('x,c,day,time\n,,,\n,,,\n')), COLUMNS);
    for (const column of columns) expect([...column]).toEqual([NaN, NaN]);
  });

  it('the remarks of valuesOf list the categories that training did not see', () => {
    const remark = (cells: readonly string[]): readonly string[] =>
      valuesOf(
        frameOf(
          cells.map((c) => ({ c })),
          'f',
        ),
        [COLUMNS[1]!],
      ).remarks;
    expect(remark(['a', 'x'])).toMatchInlineSnapshot(`
      [
        "c: 1 cell holds a category that training did not see ("x"). The density gives the total probability of all unseen categories.",
      ]
    `);
    expect(remark(['u', 'v', 'v', 'w', 'x'])).toMatchInlineSnapshot(`
      [
        "c: 5 cells hold categories that training did not see ("u", "v", "w", …). The density gives the total probability of all unseen categories.",
      ]
    `);
    const { columns } = valuesOf(frameOf([{ c: 'x' }, { c: 'y' }], 'f'), [COLUMNS[1]!]);
    expect([...columns[0]!]).toEqual([3, 3]);
  });

  it.each([
    // The training column contained text, so its levels are the cells as they are written.
    [['beta', '1.0', '2.0', '1', '?'], { beta: 0, '1.0': 1, '2.0': 2, '1': 3, '?': 4, '2': 5, '-': 5, gamma: 5 }],
    // The training column contained only numbers, and its levels are their values. A mark was a missing cell.
    [['1', '2', '0.5'], { '1': 0, '1.0': 0, '2.': 1, '.5': 2, '3': 3, '?': NaN, '-': NaN, beta: 3 }],
    // The training column contained only numbers, some of which must stay as they are written.
    [['1', '007', '7'], { '1': 0, '007': 1, '7': 2, '0007': 3, '?': NaN, beta: 3 }],
  ] as const)('with the levels %j, the category of a cell does not depend on other cells', (levels, codes) => {
    const columns: readonly ColumnSpec[] = [{ kind: 'category', name: 'c', levels }];
    const codesOf = (cells: readonly string[]): readonly number[] => {
      const rows = cells.map((c) => ({ c }));
      return [...valuesOf(frameOf(rows, 'f', readingFor(columns)), columns).columns[0]!];
    };
    const cells = Object.keys(codes);
    const wanted = Object.values(codes);
    expect(codesOf(cells)).toEqual(wanted);
    cells.forEach((cell, i) => {
      expect(codesOf([cell])).toEqual([wanted[i]]);
      for (const other of cells) expect(codesOf([cell, other])[0]).toBe(wanted[i]);
    });
  });

  it('valuesOf moves periodic values into one period, which begins at the cut for targets', () => {
    const frame = frameOf(
      [
        { a: 350, b: -10 },
        { a: -20, b: 370 },
        { a: 100, b: 90 },
      ],
      'f',
    );
    const { columns } = valuesOf(frame, [
      { kind: 'number', name: 'a', period: 360, cut: 90 },
      { kind: 'number', name: 'b', period: 360, given: true },
    ]);
    expect([...columns[0]!]).toEqual([350, 340, 100]);
    expect([...columns[1]!]).toEqual([350, 10, 90]);
  });

  it('an error message of valuesOf contains the column and the row of the wrong cell', () => {
    const thrown = (row: Readonly<Record<string, unknown>>): string => {
      try {
        valuesOf(frameOf([{ x: 1, c: 'a', day: '2020-01-01', time: '2020-01-01' }, row], 'rows.csv'), COLUMNS);
      } catch (error) {
        if (error instanceof FlowError) return error.message;
        throw error;
      }
      return 'nothing';
    };
    expect(thrown({ x: 'many' })).toMatchInlineSnapshot(
      `"[tables/valuesOf] Text in the column "x" of rows.csv, row 2: expected a number, got "many". Repair that cell."`,
    );
    expect(thrown({ day: 'soon' })).toMatchInlineSnapshot(
      `"[tables/valuesOf] No date in the column "day" of rows.csv, row 2: expected a date, got "soon". Repair that cell."`,
    );
    expect(thrown({ x: 1e300 })).toMatchInlineSnapshot(
      `"[tables/valuesOf] Wrong number in the column "x" of rows.csv, row 2: expected a finite number of at most 3.4e38 in size, got 1e+300. Repair or remove that row."`,
    );
    expect(() => valuesOf(frameOf([{ x: 1 }], 'rows.csv'), COLUMNS)).toThrowErrorMatchingInlineSnapshot(
      `[FlowError: [tables/valuesOf] No column "c" in rows.csv: expected a column "c", got x. Give all columns of the model; a cell may be empty.]`,
    );
    expect(() =>
      valuesOf(frameOf([{ x: 1, c: 'a', day: 7, time: null }], 'rows.csv'), COLUMNS),
    ).toThrowErrorMatchingInlineSnapshot(
      `[FlowError: [tables/valuesOf] No date in the column "day" of rows.csv, row 1: expected a date, got "7". Repair that cell.]`,
    );
  });
});

describe('frameOfValues and cellOf', () => {
  it('values with noise, or at the middle of the noise interval, are converted back to the original cells', () => {
    const rows = [
      { x: 100.3, c: 'a', day: '2020-04-13', time: '2020-09-13T12:26:40Z' },
      { x: 99.9, c: '007', day: '1969-12-31', time: '1999-12-31T23:59:59Z' },
      { x: null, c: null, day: null, time: null },
    ];
    const values = valuesOf(frameOf(rows, 'f'), COLUMNS);
    for (const moved of [
      atMiddle(values, COLUMNS),
      withNoise(values, COLUMNS, key(1)),
      withNoise(values, COLUMNS, key(2)),
    ]) {
      const { columns } = frameOfValues(moved, COLUMNS, 'back');
      expect(columns[0]!.numbers[0]).toBeCloseTo(100.3, 12);
      expect(columns[0]!.numbers[1]).toBeCloseTo(99.9, 12);
      expect(columns[0]!.numbers[2]).toBeNaN();
      expect(columns.slice(1).map(({ texts }) => texts)).toEqual(
        (['c', 'day', 'time'] as const).map((name) => rows.map((row) => row[name] ?? undefined)),
      );
    }
  });

  it('values are rounded down to the grid of their column, and noise does not change a day or a second', () => {
    const grid: ColumnSpec = { kind: 'number', name: 'x', resolution: 0.1 };
    expect([0.35, 0.3000001, -0.05, 12.3999].map((value) => cellOf(value, grid))).toEqual([0.3, 0.3, -0.1, 12.3]);
    expect(cellOf(18_365.99, { kind: 'number', name: 'd', date: 'days', resolution: 1 })).toBe('2020-04-13');
    expect(cellOf(18_365.99, { kind: 'number', name: 'd', date: 'days' })).toBe('2020-04-14');
    expect(cellOf(3, COLUMNS[1]!)).toBe('(other)');
    expect(cellOf(NaN, COLUMNS[1]!)).toBeUndefined();
    const hour: ColumnSpec = { kind: 'number', name: 'h', period: 24, cut: 5, start: 0, resolution: 1 };
    expect([5.5, 23.7, 24.2, 28.9].map((value) => cellOf(value, hour))).toEqual([5, 23, 0, 4]);
    expect([5.5, 23.7, 24.2, 28.9].map((value) => cellOf(value, { ...hour, start: -12 }))).toEqual([5, -1, 0, 4]);
  });
});

describe('withNoise', () => {
  it('the noise of withNoise is uniform, wraps around a period, and does not depend on other rows', () => {
    const columns: readonly ColumnSpec[] = [
      { kind: 'number', name: 'a', resolution: 2 },
      { kind: 'number', name: 'b', resolution: 1, period: 24, cut: 0.5 },
      { kind: 'number', name: 'c' },
    ];
    const values = rowsOf([
      new Float64Array(4000).fill(6),
      new Float64Array(4000).fill(24),
      new Float64Array(4000).fill(1.25),
    ]);
    const [a, b, c] = withNoise(values, columns, key(4)).columns;
    const [mean, least, most] = [a!.reduce((sum, x) => sum + x, 0) / 4000, Math.min(...a!), Math.max(...a!)];
    expect(Math.abs(mean - 7)).toBeLessThan(5 * Math.sqrt(4 / 12 / 4000));
    expect([least > 6, most < 8]).toEqual([true, true]);
    expect(b!.every((x) => x > 0.5 && x < 24.5)).toBe(true);
    expect(b!.some((x) => x < 1) && b!.some((x) => x > 24)).toBe(true);
    expect(c).toEqual(values.columns[2]);
    expect(withNoise(rowsOf(values.columns.map((column) => column.slice(0, 7))), columns, key(4)).columns[0]).toEqual(
      a!.slice(0, 7),
    );
    expect([...atMiddle(values, columns).columns[1]!.subarray(0, 1)]).toEqual([0.5]);
  });

  it('a noisy value never reaches the end of its noise interval in float32', () => {
    const columns: readonly ColumnSpec[] = [{ kind: 'number', name: 'a', resolution: 1 }];
    const values = rowsOf([new Float64Array(20_000).fill(4_194_303)]);
    const [noisy] = withNoise(values, columns, key(5)).columns;
    expect(noisy!.every((x) => Math.fround(x) > 4_194_303 && Math.fround(x) < 4_194_304)).toBe(true);
  });
});
