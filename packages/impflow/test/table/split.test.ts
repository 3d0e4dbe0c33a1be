import { key, normals, uniforms } from '@impflow/core';
import { frameOf, type Frame } from '@impflow/tables';
import { runKey } from '@impflow/training';
import { describe, expect, it } from 'vitest';
import { splitTable, type SplitTableOptions } from '../../src/table/split.ts';

const noise = normals(key(1), 400);
const chance = uniforms(key(2), 400);
type Row = Readonly<Record<string, unknown>>;
const object = (i: number): Row => ({
  id: i,
  x: noise[i]!,
  y: Math.round(10 * noise[200 + i]!) / 10,
  kind: chance[i]! < 0.5 ? 'a' : 'b',
  w: 1 + (i % 3),
});
const frame = (objects: readonly Row[]): Frame => frameOf(objects, 'rows');
const objects = (count: number): Row[] => Array.from({ length: count }, (_, i) => object(i));
const whole = frame(objects(200));
const split = (rows: Frame, options: Partial<SplitTableOptions> = {}) =>
  splitTable({ frame: rows }, { key: runKey(3, 'data'), ...options });

describe('`splitTable`', () => {
  it('`splitTable` puts each row into exactly one of the training, validation and test rows, and the key determines which', async () => {
    const { complete, validation, test, fitted, hash } = await split(whole);
    const at = fitted.columns.findIndex(({ name }) => name === 'x');
    const seen = [complete, validation, test].flatMap(({ values }) => [...values.columns[at]!]);
    expect([complete, validation, test].map(({ values }) => values.rows)).toEqual([160, 20, 20]);
    expect(Float64Array.from(seen).sort()).toEqual(Float64Array.from(noise.slice(0, 200)).sort());
    const again = await split(whole);
    expect([again.complete.values, again.hash]).toEqual([complete.values, hash]);
    expect((await split(whole, { key: runKey(4, 'data') })).complete.values).not.toEqual(complete.values);
    expect((await split(frame([object(300), ...objects(199)]))).hash).not.toBe(hash);
  });

  it('`splitTable` adds noise only to columns whose numbers repeat', async () => {
    const { complete, fitted } = await split(whole);
    const [x, y] = ['x', 'y'].map((name) => fitted.columns.findIndex((column) => column.name === name));
    expect(complete.values.columns[x!]!.every((value) => noise.includes(value))).toBe(true);
    const rests = [...complete.values.columns[y!]!].map((value) => value * 10 - Math.floor(value * 10 + 1e-9));
    expect(new Set(rests).size).toBeGreaterThan(150);
    expect(complete.cells.columns[y!]!.every((value) => Math.abs(10 * value - Math.round(10 * value)) < 1e-9)).toBe(
      true,
    );
  });

  it('a far cell does not choose the map of its column, unless the map excludes the cell', async () => {
    const days = Array.from(uniforms(key(4), 800), (u) => Math.round(-300 * Math.log(u)));
    const amounts = normals(key(5), 800);
    const mapsOf = async (last: string, amount: number) => {
      const dates = days.map((day) => new Date(Date.UTC(2020, 0, 1 + day)).toISOString().slice(0, 10));
      const rows = [...dates, last].map((date, i) => ({ date, amount: i === 800 ? amount : Math.exp(amounts[i]!) }));
      const held = frame(rows.slice(0, 20));
      const { fitted, complete } = await splitTable(
        { frame: frame(rows), validation: held, test: held },
        { key: runKey(3, 'data') },
      );
      return { maps: fitted.maps.map(({ map }) => map), rows: complete.values.rows };
    };
    expect(await mapsOf('2021-05-05', 1)).toEqual({ maps: ['asinh', 'log'], rows: 801 });
    expect(await mapsOf('9999-12-31', 1e9)).toEqual({ maps: ['asinh', 'log'], rows: 800 });
    expect(await mapsOf('2021-05-05', -1e9)).toEqual({ maps: ['asinh', 'identity'], rows: 800 });
  });

  it('a map that the option `transform` names does not change the maps of other columns with far cells', async () => {
    const sizes = Array.from(uniforms(key(4), 800), (u) => -300 * Math.log(u));
    const rows = [...sizes, -1e9].map((size, i) => ({ size, x: 1 + chance[i % 400]! }));
    const mapsOf = async (transform: readonly string[]) =>
      (await split(frame(rows), { transform })).fitted.maps.map(({ map }) => map);
    expect((await mapsOf(['auto']))[0]).toBe('identity');
    expect(await mapsOf(['log:x'])).toEqual(['identity', 'log']);
    expect((await mapsOf(['log:size']))[0]).toBe('log');
  });

  it('`splitTable` scales row weights to a mean of 1 over training, validation and test rows separately', async () => {
    const { complete, validation, test, withGaps } = await split(whole, { weights: 'w' });
    for (const { weights } of [complete, validation, test])
      expect(weights.reduce((sum, weight) => sum + weight, 0) / weights.length).toBeCloseTo(1, 12);
    expect(withGaps.values.rows).toBe(0);
    expect(Math.max(...complete.weights) / Math.min(...complete.weights)).toBeCloseTo(3, 12);
  });

  it('`splitTable` scales the weights of filled rows and of complete rows by the same factor', async () => {
    const gaps = objects(200).map((row, i) => ({ ...row, x: i % 5 === 0 ? null : noise[i], w: i % 5 === 0 ? 6 : 2 }));
    const { complete, withGaps, columns } = await split(frame(gaps), { weights: 'w', missing: 'median' });
    expect(withGaps.weights[0]! / complete.weights[0]!).toBeCloseTo(3, 12);
    expect(complete.values.rows + withGaps.values.rows).toBe(160);
    expect(columns.map(({ name, gaps: empty }) => [name, empty])).toEqual([
      ['id', 0],
      ['x', 40],
      ['y', 0],
      ['kind', 0],
      ['w', 0],
    ]);
  });

  it('`splitTable` treats rows that differ only in a left-out column as copies', async () => {
    const copied = frame(Array.from({ length: 200 }, (_, i) => ({ ...object(i % 100), id: i })));
    expect((await split(copied)).distinct).toBe(false);
    const { distinct, complete, remarks } = await split(copied, { leaveOut: ['id'] });
    expect([distinct, complete.values.rows]).toEqual([true, 80]);
    expect(remarks.join(' ')).toContain('100 of the 200 rows are copies');
    expect((await split(copied, { leaveOut: ['id'], distinct: false })).complete.values.rows).toBe(160);
  });

  it('the option `gaps` empties marked cells of all columns or of one, and `splitTable` names marks and spikes', async () => {
    const marked = frame(
      Array.from({ length: 400 }, (_, i) => ({
        depth: chance[i]! < 0.2 ? -999 : 5 + noise[i]!,
        rain: chance[i]! > 0.6 ? 0 : Math.exp(noise[399 - i]!),
        day: i % 50 === 0 ? '01/01/1900' : new Date(Date.UTC(2020, 0, i)).toISOString().slice(0, 10),
        kind: chance[i]! < 0.5 ? 'a' : i % 9 === 0 ? '-999' : 'b',
      })),
    );
    const told = (await split(marked, { dayFirst: 'yes' })).remarks.join(' ');
    expect(told).toMatch(
      /\d+ cells of "depth" in the training rows are exactly -999, far from all .* set the option gaps to depth:-999\./,
    );
    expect(told).toMatch(
      /39 % of the cells of "rain" in the training rows are exactly 0: the density has a spike .* gaps to rain:0\./,
    );
    expect(told).toMatch(/7 cells of "day" in the training rows are exactly 1900-01-01.* gaps to day:1900-01-01\./);
    const gapsOf = async (gaps: readonly string[]) => {
      const parts = await split(marked, { gaps, missing: 'median', dayFirst: 'yes' });
      return { columns: parts.columns.map((column) => column.gaps), remarks: parts.remarks.join(' '), parts };
    };
    const gone = chance.filter((value) => value < 0.2).length;
    const all = await gapsOf(['-999', 'day:1900-01-01']);
    expect(all.columns).toEqual([gone, 0, 8, marked.columns[3]!.numbers.filter((value) => value === -999).length]);
    expect(all.remarks).not.toMatch(/depth|day/);
    expect(all.parts.fitted.columns.map(({ gaps }) => gaps?.join())).toEqual([
      '-999',
      '-999',
      '-999,1900-01-01',
      '-999',
    ]);
    expect((await gapsOf(['depth:-999'])).columns).toEqual([gone, 0, 0, 0]);
    expect((await gapsOf(['-99'])).remarks).toContain('No cell of rows has the value that the option gaps names: -99.');
    await expect(gapsOf(['dept:-999'])).rejects.toThrow(
      'Wrong value of the option gaps: expected a value such as -999',
    );
  });

  it('the option `leaveOut` may contain columns that the option `columns` does not select', async () => {
    const { fitted } = await split(whole, { columns: ['x', 'y'], leaveOut: ['id'], given: ['kind'] });
    expect(fitted.columns.map(({ name }) => name)).toEqual(['x', 'y', 'kind']);
    await expect(split(whole, { columns: ['x'], leaveOut: ['ids'] })).rejects.toThrow('Unknown column');
  });

  it.each<readonly [string, readonly Row[], Partial<SplitTableOptions>, string]>([
    ['few rows', objects(9), {}, 'Too few rows'],
    [
      'few different rows',
      Array.from({ length: 40 }, (_, i) => object(i % 8)),
      {},
      'Too few different rows in rows: expected at least 10, got 8, of 40 rows in all',
    ],
    [
      'many gaps',
      objects(200).map((row, i) => ({ ...row, x: i % 2 ? null : i })),
      {},
      'training rows with empty cells; most are in "x" (100). Set the option missing',
    ],
    [
      'gaps in nearly all rows',
      objects(100).map((row, i) => ({ ...row, x: i < 97 ? null : i })),
      { missing: 'drop' },
      'Too few rows without gaps in rows',
    ],
    [
      'gaps in nearly all rows, and no option that would not help',
      objects(100).map((row, i) => ({ ...row, x: i < 97 ? null : i })),
      {},
      'most empty cells are in "x" (97). Leave out the columns with most gaps, by the option leaveOut: x',
    ],
    [
      'no weight',
      objects(50).map((row) => ({ ...row, w: 0 })),
      { weights: 'w' },
      'No row has a weight above 0 in the column "w"',
    ],
    ['a negative weight', objects(50).map((row, i) => ({ ...row, w: i - 3 })), { weights: 'w' }, 'Wrong weight'],
  ])('splitTable refuses %s', async (_what, rows, options, said) => {
    await expect(split(frame(rows), options)).rejects.toThrow(said);
  });

  it('`splitTable` splits a hundred thousand rows in less than five seconds of processor time', async () => {
    const rows = 100_000;
    const many: Frame = {
      columns: [
        { name: 'x', numbers: Float64Array.from(normals(key(5), rows), (value, i) => (i % 10 === 0 ? NaN : value)) },
        { name: 'y', numbers: Float64Array.from(normals(key(6), rows)) },
      ],
      rows,
      source: 'many',
      place: (row) => `row ${row}`,
    };
    const begun = process.cpuUsage();
    expect((await split(many)).gaps.train).toBeGreaterThan(7000);
    const { user, system } = process.cpuUsage(begun);
    expect((user + system) / 1e6).toBeLessThan(5);
  });
});

it('a step of a column must hold for all its cells: a column with a spike names the spike, and only the spike has noise', async () => {
  const sizes = Array.from({ length: 400 }, (_, i) => Math.exp(noise[i]!));
  const cents = sizes.map((size) => Number((800 * size).toFixed(2)));
  const rows = cents.map((cost, i) => ({
    cost,
    profit: chance[i]! < 0.1 ? 0 : cost,
    share: chance[i]! < 0.3 ? 1 : sizes[i]! / 100,
    tenths: Math.round(10 * noise[i]!) / 10,
  }));
  const { columns, fitted, complete } = await split(frame(rows.map((row, i) => ({ ...row, few: noise[i % 12]! }))));
  expect(columns.map(({ how }) => how)).toEqual([
    'logarithm, above 0',
    expect.stringMatching(/a spike at 0; \d+ % are exactly 0$/),
    expect.stringMatching(/a spike at 1; \d+ % are exactly 1$/),
    'in steps of 0.1',
    expect.stringMatching(/^values repeat, noise of width 0\.\d+/),
  ]);
  const noisy = complete.values.columns[1]!.filter((value, row) => value !== complete.cells.columns[1]![row]);
  expect(noisy.length).toBe(complete.cells.columns[1]!.filter((value) => value === 0).length);
  expect(fitted.columns.map((column) => column.kind === 'number' && column.spikes)).toEqual([
    undefined,
    [0],
    [1],
    undefined,
    undefined,
  ]);
});

describe('the remarks of `splitTable` on columns of numbers', () => {
  const remarksOf = async (cells: readonly string[], options: Partial<SplitTableOptions> = {}) => {
    const rows = Array.from({ length: 40 }, (_, i) => ({ x: noise[i]!, price: cells[i % cells.length]! }));
    const read = frameOf(rows, 'rows', { categories: options.decimalOf === undefined ? [] : ['price'] });
    return (await split(read, options)).remarks.filter((remark) => remark.startsWith('price'));
  };

  it('a remark tells how numbers are read that are not plain numbers', async () => {
    expect(await remarksOf(['$1,234.50', '$7', '$0'])).toEqual([
      'price: 40 cells are read as numbers: "$1,234.50" is 1234.5.',
    ]);
    expect(await remarksOf(['1.5', '2.5'])).toEqual([]);
    expect(await remarksOf(['5 kg', '500 g'])).toEqual([
      'price: the cells are numbers in different units (kg, g), and are read as categories.',
    ]);
  });

  it('if a sign may be the decimal sign or separate thousands, a remark tells both numbers and the option that decides', async () => {
    expect(await remarksOf(['1.234', '17'])).toEqual([
      'price: "1.234" is read as 1.234. If it is 1234, set the option decimalOf to price:comma.',
    ]);
    expect(await remarksOf(['1,234', '17'])).toEqual([
      'price: 20 cells are read as numbers: "1,234" is 1234. If it is 1.234, set the option decimalOf to price:comma.',
    ]);
    expect(await remarksOf(['1.234', '17'], { decimalOf: ['price:point'] })).toEqual([]);
    expect(await remarksOf(['1.234', '17'], { decimalOf: ['price:comma'] })).toEqual([
      'price: 20 cells are read as numbers: "1.234" is 1234.',
    ]);
    await expect(remarksOf(['1', '2'], { decimalOf: ['price:dot'] })).rejects.toThrow('column:comma or column:point');
  });

  it('remarks tell about codes, dashes, times, texts among numbers, and what is not read', async () => {
    expect(await remarksOf(['02134', '10001'])).toEqual([
      'price: cells such as "02134" have leading zeros, so they are codes, and are read as categories. If they are numbers, set the option decimalOf to price:point.',
    ]);
    expect(await remarksOf(['02134', '10001'], { decimalOf: ['price:point'] })).toEqual([]);
    expect((await remarksOf(['$5', '$-', '-']))[1]).toMatch(
      /^price: 13 cells are dashes, which are read as 0.*price:-\.$/,
    );
    expect(await remarksOf(['07:45', '18:30'])).toEqual([
      'price: 40 cells are times or durations, and are read as minutes: "07:45" is 465. If they are minutes and seconds, read the numbers as seconds.',
    ]);
    expect((await remarksOf(['23:50', '00:10']))[1]).toMatch(/both sides of midnight.*periodic to price:1440\.$/);
    expect(await remarksOf(['5%', '6%', '7%', '<1%'])).toEqual([
      'price: 100 % of the cells are numbers, some with < before them. The column is read as categories. To read numbers, remove <.',
    ]);
    expect(await remarksOf(['5', '6', '7', 'refused'])).toEqual([
      'price: 75 % of the cells are numbers, but others are "refused". The column is read as categories. If such a cell marks missing cells, set the option gaps to price:refused.',
    ]);
    expect(await remarksOf(['PT3H8M', 'PT4H'])).toEqual([
      'price: cells such as "PT3H8M" look like durations, which are not read as numbers, but as categories. To use them as numbers, write numbers of one unit, such as minutes.',
    ]);
    expect(await remarksOf(['0x00', '0x1F'])).toEqual([]);
  });

  it('a remark tells that dates of zeros are gaps', async () => {
    const days = Array.from({ length: 40 }, (_, i) => (i % 8 === 0 ? '00.00.0000' : `${10 + (i % 9)}.04.2020`));
    const rows = days.map((price, i) => ({ x: noise[i]!, price }));
    const { remarks, columns } = await split(frame(rows), { missing: 'drop' });
    expect(remarks).toContain('price: 5 cells are "00.00.0000", which is no date, and count as gaps.');
    expect(columns[1]).toMatchObject({ is: 'date', gaps: 5 });
  });

  it('a gap mark is described only at the columns that contain it', async () => {
    const rows = Array.from({ length: 60 }, (_, i) => ({ x: i % 9 === 0 ? -999 : noise[i]!, y: noise[100 + i]! }));
    const { columns, fitted } = await split(frame(rows), { gaps: ['-999'] });
    expect(columns.map(({ how }) => how.includes('-999 as gaps'))).toEqual([true, false]);
    expect(fitted.columns.map(({ gaps }) => gaps)).toEqual([['-999'], ['-999']]);
  });

  it('a remark tells how many whole numbers above 2^53 are rounded', async () => {
    const cells = Array.from({ length: 40 }, (_, i) => `90071992547409${10 + 2 * i}3`);
    expect(await remarksOf(cells)).toEqual([
      'price: 40 whole numbers have too many digits for a double: 90071992547409103 is rounded to 90071992547409104. If the numbers are identifiers, leave them out with the option leaveOut.',
    ]);
  });
});
