import { describe, expect, it } from 'vitest';
import { realDatasets } from '../../src/dataset/bundled-tables.ts';

describe('realDatasets', () => {
  // Counted in the files independently: JSON and line counts, distinct positions, complete records.
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
  ] as const)('%s: rows, columns and ranges', async (name, rows, columns, ranges) => {
    const table = await realDatasets[name].load();
    expect(table.rows).toBe(rows);
    expect(table.columns).toEqual(realDatasets[name].columns);
    expect(table.columns).toHaveLength(columns);
    expect(table.values).toHaveLength(table.rows * columns);
    expect(table.values.every(Number.isFinite)).toBe(true);
    ranges.forEach(([low, high], column) => {
      const values = Array.from({ length: table.rows }, (_, row) => table.values[row * columns + column]!);
      expect(Math.min(...values)).toBeGreaterThanOrEqual(low - 1e-4);
      expect(Math.max(...values)).toBeLessThanOrEqual(high + 1e-4);
    });
    expect(realDatasets[name].description).toContain(table.rows.toLocaleString('en'));
  });

  it('returns distinct positions as longitude and latitude', async () => {
    const { values, rows } = await realDatasets.zipcodes.load();
    // The first code is 00501, Holtsville, New York.
    expect([...values.subarray(0, 2)]).toEqual([Math.fround(-72.637078), Math.fround(40.922326)]);
    const distinct = new Set(Array.from({ length: rows }, (_, i) => `${values[2 * i]},${values[2 * i + 1]}`)).size;
    // A few positions in thirty thousand differ by less than the rounding of float32, and may coincide.
    expect(distinct / rows).toBeGreaterThan(0.999);
  });
});
