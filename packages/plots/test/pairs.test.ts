import { key, normals, uniforms } from '@impflow/core';
import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { mostDependent, mostSeparating } from '../src/choose-columns.ts';
import { pairsPlot } from '../src/pairs.ts';
import { hasLevels, type PlotColumn } from '../src/plot-column.ts';

type Pixel = readonly [r: number, g: number, b: number];

/** Returns the mean position of the pixels for which `wanted` returns true, and their number. */
const center = (png: Uint8Array, wanted: (pixel: Pixel, x: number, y: number) => boolean) => {
  const { width, data, channels } = decode(png);
  let [sumX, sumY, count] = [0, 0, 0];
  for (let at = 0; at < data.length; at += channels) {
    const [x, y] = [(at / channels) % width, Math.floor(at / channels / width)];
    if (!wanted([data[at]!, data[at + 1]!, data[at + 2]!], x, y)) continue;
    sumX += x;
    sumY += y;
    count++;
  }
  return { x: sumX / count, y: sumY / count, count };
};

/** Points are transparent, so their colors are mixed with white. */
const green = ([r, g, b]: Pixel): boolean => g > r + 60 && g > b + 20;
const orange = ([r, g, b]: Pixel): boolean => r > g + 20 && g > b + 60;
const blue = ([r, , b]: Pixel): boolean => b > r + 60;

const normal = (name: string, seed: number, shift = 0, rows = 200): PlotColumn => ({
  name,
  data: normals(key(seed), rows).map((value) => value + shift),
  samples: normals(key(seed + 100), 300).map((value) => value + shift),
});
const kind: PlotColumn = {
  name: 'kind',
  data: uniforms(key(7), 200).map((value) => Math.floor(2 * value)),
  samples: uniforms(key(8), 300).map((value) => Math.floor(2 * value)),
  levels: ['first', 'second'],
};

describe('pairsPlot', () => {
  it('points have the colors of categories: the data below the diagonal, and draws above', () => {
    const png = pairsPlot({ columns: [normal('x', 1), normal('y', 2), kind] });
    const halves = [true, false].map((above) =>
      [green, orange].map((color) => {
        // The matrix begins at (100, 180) and has cells of 590 pixels or so.
        return center(
          png,
          (pixel, x, y) =>
            color(pixel) && y > 180 && y < 1300 && x > 100 && (above ? x > 690 && y < 760 : x < 680 && y > 780),
        ).count;
      }),
    );
    for (const count of halves.flat()) expect(count).toBeGreaterThan(500);
  });

  it('bars have lengths proportional to the shares of categories', () => {
    const data = Array.from({ length: 100 }, (_, i) => (i < 75 ? 0 : 1));
    const png = pairsPlot({ columns: [{ name: 'kind', data, samples: data, levels: ['often', 'rarely'] }] });
    const runs = new Map<number, number>();
    center(png, (pixel, _x, y) => {
      if (y > 150 && blue(pixel)) runs.set(y, (runs.get(y) ?? 0) + 1);
      return false;
    });
    const lengths = [...new Set([...runs.values()].filter((length) => length > 20))].toSorted((a, b) => a - b);
    expect(lengths.at(-1)! / lengths[0]!).toBeCloseTo(3, 1);
  });

  it('a single row, gaps and a far value leave no picture empty', () => {
    const one = pairsPlot({ columns: [normal('x', 1, 0, 1), normal('y', 2, 0, 1)] });
    expect(center(one, blue).count).toBeGreaterThan(60);
    const tame = normal('x', 1);
    const wild = { ...tame, data: Array.from(tame.data, (value, i) => (i === 5 ? 1e9 : i === 6 ? Number.NaN : value)) };
    const [before, after] = [tame, wild].map(
      (column) => center(pairsPlot({ columns: [column, normal('y', 2)] }), blue).count,
    );
    expect(after! / before!).toBeGreaterThan(0.9);
  });

  it('a picture of sixty columns is not larger than two screens', () => {
    const columns = Array.from({ length: 60 }, (_, i) => normal(`x${i}`, i, 0, 20));
    // The size comes from the PNG header: decoding large images would take seconds. A unit is two pixels.
    const png = Buffer.from(pairsPlot({ columns }));
    expect(png.readUInt32BE(16)).toBeLessThan(2 * 1000);
    expect(png.readUInt32BE(20)).toBeLessThan(2 * 1600);
  });

  it('pairsPlot throws if columns have different lengths', () => {
    expect(() => pairsPlot({ columns: [normal('x', 1), normal('y', 2, 0, 3)] })).toThrow(
      '[plots/pairsPlot] Wrong columns: expected 200 and 300 cells, as in "x", got 3 and 300 cells in "y".',
    );
  });
});

describe('choice of columns', () => {
  it('mostDependent chooses columns whose correlation in data and draws is beyond chance', () => {
    const columns = Array.from({ length: 40 }, (_, i) => normal(`x${i}`, i, 0, 30));
    const [a, b] = [columns[7]!, columns[31]!];
    const follows = (own: ArrayLike<number>, other: ArrayLike<number>): number[] =>
      Array.from(own, (value, i) => 0.4 * value + other[i]!);
    const tied = { ...b, data: follows(b.data, a.data), samples: follows(b.samples, a.samples) };
    const chosen = mostDependent(columns.with(31, tied), 2);
    expect(chosen.map(({ name }) => name)).toEqual(['x7', 'x31']);
  });

  it('mostSeparating chooses the categories that explain the numbers, and none if most categories are rare', () => {
    const moved = (values: ArrayLike<number>, codes: ArrayLike<number>): number[] =>
      Array.from(values, (value, i) => value + 3 * codes[i]!);
    const x = normal('x', 1);
    const number = { ...x, data: moved(x.data, kind.data), samples: moved(x.samples, kind.samples) };
    const other = {
      ...kind,
      name: 'other',
      data: Array.from(kind.data).toReversed(),
      samples: Array.from(kind.samples).toReversed(),
    };
    const rare: PlotColumn = {
      name: 'rare',
      data: Array.from({ length: 200 }, (_, i) => i % 50),
      samples: Array.from({ length: 300 }, (_, i) => i % 50),
      levels: Array.from({ length: 50 }, (_, i) => String(i)),
    };
    expect(mostSeparating([rare, other, kind].filter(hasLevels), [number])?.name).toBe('kind');
    expect(mostSeparating([rare].filter(hasLevels), [number])).toBeUndefined();
  });
});
