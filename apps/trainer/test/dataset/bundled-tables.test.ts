import { describe, expect, it } from 'vitest';
import { realDatasets } from '../../src/dataset/bundled-tables.ts';

describe('`realDatasets`', () => {
  // The expected numbers of lines, records, positions and complete records were counted in the files, without the code
  // under test.
  it.each([
    [
      'earthquakes',
      1679,
      2,
      [
        [-180, 180],
        [-90, 90],
      ],
    ],
    [
      'zipcodes',
      33109,
      2,
      [
        [-125, -66],
        [24, 50],
      ],
    ],
    [
      'airports',
      3069,
      2,
      [
        [-125, -66],
        [24, 50],
      ],
    ],
    [
      'penguins',
      342,
      4,
      [
        [32, 60],
        [13, 22],
        [172, 231],
        [2700, 6300],
      ],
    ],
    [
      'cars',
      392,
      5,
      [
        [9, 46.6],
        [68, 455],
        [46, 230],
        [1613, 5140],
        [8, 24.8],
      ],
    ],
  ] as const)('the bundled table %s has the expected rows, columns and ranges', async (name, rows, columns, ranges) => {
    const table = await realDatasets[name].load();
    expect(table.rows).toBe(rows);
    expect(table.columns.map((column) => column.name)).toEqual(realDatasets[name].columns);
    expect(table.columns).toHaveLength(columns);
    ranges.forEach(([low, high], column) => {
      const { numbers } = table.columns[column]!;
      expect(numbers).toHaveLength(rows);
      expect(numbers.every(Number.isFinite)).toBe(true);
      expect(Math.min(...numbers)).toBeGreaterThanOrEqual(low - 1e-4);
      expect(Math.max(...numbers)).toBeLessThanOrEqual(high + 1e-4);
    });
    expect(realDatasets[name].description).toContain(table.rows.toLocaleString('en'));
  });

  it('the bundled table zipcodes has distinct positions as longitude and latitude', async () => {
    const { columns, rows } = await realDatasets.zipcodes.load();
    const [longitude, latitude] = columns.map(({ numbers }) => numbers) as [Float64Array, Float64Array];
    // The first zip code of the file is 00501, Holtsville, New York.
    expect([longitude[0], latitude[0]]).toEqual([-72.637078, 40.922326]);
    expect(new Set(Array.from(longitude, (value, i) => `${value},${latitude[i]!}`)).size).toBe(rows);
  });

  // The expected numbers of records, records with a null and different values were counted in the files, without the
  // code under test.
  it.each([
    ['penguins-full', 344, 10, { species: 3, island: 3, sex: 3 }],
    ['cars-full', 406, 14, { origin: 3, cylinders: 5, year: 12 }],
    ['flights', 2000, 0, { origin: 155, destination: 153 }],
  ] as const)(
    'the bundled table %s has the expected numbers of rows, rows with gaps, and different values',
    async (name, rows, gaps, different) => {
      const frame = await realDatasets[name].load();
      expect(frame.rows).toBe(rows);
      expect(frame.columns.map((column) => column.name)).toEqual(realDatasets[name].columns);
      const isGap = (row: number): boolean =>
        frame.columns.some(({ numbers, texts }) => Number.isNaN(numbers[row]) && texts?.[row] === undefined);
      expect(Array.from({ length: rows }, (_, row) => row).filter(isGap)).toHaveLength(gaps);
      for (const [column, count] of Object.entries(different)) {
        const { numbers, texts } = frame.columns.find((each) => each.name === column)!;
        const cells = Array.from(numbers, (number, row) => texts?.[row] ?? (Number.isNaN(number) ? undefined : number));
        expect(new Set(cells.filter((cell) => cell !== undefined)).size, column).toBe(count);
      }
    },
  );

  it('`load` of a bundled table returns new arrays at every call', async () => {
    const [first, second] = [await realDatasets['cars-full'].load(), await realDatasets['cars-full'].load()];
    first.columns[0]!.numbers.fill(7);
    expect(second.columns[0]!.numbers[0]).toBe(18);
  });
});
