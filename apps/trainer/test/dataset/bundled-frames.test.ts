import { describe, expect, it } from 'vitest';
import { frameDatasets } from '../../src/dataset/bundled-frames.ts';

describe('frameDatasets', () => {
  // Counted in the files independently: records, records with a null, different values.
  it.each([
    ['penguins-full', 344, 10, { species: 3, island: 3, sex: 3 }],
    ['cars-full', 406, 14, { origin: 3, cylinders: 5, year: 12 }],
    ['flights', 2000, 0, { origin: 155, destination: 153 }],
  ] as const)('%s: rows, rows with gaps, different cells', async (name, rows, gaps, different) => {
    const frame = await frameDatasets[name].load();
    expect(frame.rows).toBe(rows);
    expect(frame.columns.map((column) => column.name)).toEqual(frameDatasets[name].columns);
    const isGap = (row: number): boolean =>
      frame.columns.some(({ numbers, texts }) => Number.isNaN(numbers[row]) && texts?.[row] === undefined);
    expect(Array.from({ length: rows }, (_, row) => row).filter(isGap)).toHaveLength(gaps);
    for (const [column, count] of Object.entries(different)) {
      const { numbers, texts } = frame.columns.find((each) => each.name === column)!;
      const cells = Array.from(numbers, (number, row) => texts?.[row] ?? (Number.isNaN(number) ? undefined : number));
      expect(new Set(cells.filter((cell) => cell !== undefined)).size, column).toBe(count);
    }
  });

  it('gives new arrays at every call', async () => {
    const [first, second] = [await frameDatasets['cars-full'].load(), await frameDatasets['cars-full'].load()];
    first.columns[0]!.numbers.fill(7);
    expect(second.columns[0]!.numbers[0]).toBe(18);
  });
});
