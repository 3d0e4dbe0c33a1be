import { key, normals, uniforms } from '@impflow/core';
import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { mostDependent, mostSeparating } from '../src/choose-columns.ts';
import { GROUP_COLORS, INK, ROLE, TINT } from '../src/colors.ts';
import { groupsOf } from '../src/groups.ts';
import { cutsRest, levelsPanel } from '../src/levels.ts';
import { pairsNotes } from '../src/pairs-notes.ts';
import { pairsPlot } from '../src/pairs.ts';
import { hasLevels, ranged, type LevelColumn, type PlotColumn } from '../src/plot-column.ts';
import { shareInterval } from '../src/share-interval.ts';
import { shownRows } from '../src/shown-rows.ts';

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
const pink = ([r, g, b]: Pixel): boolean => r > g + 30 && b > g + 15;
const vermilion = ([r, g, b]: Pixel): boolean => r > g + 50 && g > b + 30;
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
  it('points have the colors of categories: the data below the diagonal, and as many draws above', () => {
    const png = pairsPlot({ columns: [normal('x', 1), normal('y', 2), kind] });
    const halves = [true, false].map((above) =>
      [green, pink].map((color) => {
        // The matrix begins at (160, 200) and has cells of 510 pixels or so.
        return center(
          png,
          (pixel, x, y) =>
            color(pixel) && y > 220 && y < 1240 && x > 150 && (above ? x > 690 && y < 720 : x < 660 && y > 740),
        ).count;
      }),
    );
    for (const count of halves.flat()) expect(count).toBeGreaterThan(500);
    const [data, draws] = halves.map(([first, second]) => first! + second!);
    expect(data! / draws!).toBeGreaterThan(0.85);
    expect(data! / draws!).toBeLessThan(1.15);
  });

  it('bars have lengths proportional to the shares of categories', () => {
    const data = Array.from({ length: 100 }, (_, i) => (i < 75 ? 0 : 1));
    const png = pairsPlot({ columns: [{ name: 'kind', data, samples: data, levels: ['often', 'rarely'] }] });
    const runs = new Map<number, number>();
    center(png, (pixel, _x, y) => {
      if (y > 200 && vermilion(pixel)) runs.set(y, (runs.get(y) ?? 0) + 1);
      return false;
    });
    // An error bar covers a part of the rows of pixels in the middle of a bar.
    const pixels = [...runs.values()];
    const lengths = new Set(pixels.filter((own) => own > 20 && pixels.filter((other) => other === own).length > 4));
    expect(Math.max(...lengths) / Math.min(...lengths)).toBeCloseTo(3, 1);
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

describe('rows and categories of a picture', () => {
  const cells = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

  it('shownRows chooses as many draws as rows of data, and training rows only beside all test rows', () => {
    const counts = (data: number, training: number, samples: number) => {
      const shown = shownRows({ name: 'x', data: cells(data), training: cells(training), samples: cells(samples) });
      return [shown.data, shown.training, shown.samples].map((rows) => new Set(rows).size);
    };
    expect(counts(33, 267, 1000)).toEqual([33, 267, 300]);
    expect(counts(3000, 0, 1000)).toEqual([600, 0, 600]);
    expect(counts(30, 5000, 1000)).toEqual([30, 570, 600]);
    expect(counts(1, 0, 1000)).toEqual([1, 0, 1]);
  });

  it('groupsOf keeps the order of the categories, and the last group has all others', () => {
    const levels = ['g', 'f', 'e', 'd', 'c', 'b', 'a'];
    const column: LevelColumn = { name: 'k', levels, data: [6, 5, 0, 7], training: [5], samples: [0, 6, 6] };
    const groups = groupsOf(column);
    expect(groups.map(({ name }) => name)).toEqual(['g', 'f', 'e', 'd', 'c', '2 others']);
    expect([groups[5]!.data, groups[5]!.training, groups[5]!.samples]).toEqual([[1, 0, 3], [0], [1, 2]]);
  });

  it('colors of categories differ from the colors of data and model, and from their tints', () => {
    const rgb = (color: string): number[] => [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
    const tint = (color: string, opacity: number): number[] => rgb(color).map((c) => 255 - opacity * (255 - c));
    const taken = [ROLE.data, ROLE.model].flatMap((color) => [1, TINT.data, TINT.training].map((o) => tint(color, o)));
    for (const color of GROUP_COLORS)
      for (const other of taken) expect(Math.hypot(...rgb(color).map((c, i) => c - other[i]!))).toBeGreaterThan(70);
  });

  it('shareInterval is one standard error wide at its own ends, also for a share of 0', () => {
    for (const [count, total] of [
      [12, 33],
      [0, 33],
      [33, 33],
      [1, 1],
      [500, 1000],
    ] as const) {
      const share = count / total;
      for (const end of shareInterval(count, total))
        expect(Math.abs(end - share)).toBeCloseTo(Math.sqrt((end * (1 - end)) / total), 9);
    }
    expect(shareInterval(0, 0)[0]).toBeNaN();
  });

  it('the bars of a category have the standard errors of the data and of the draws', () => {
    const column: LevelColumn = {
      name: 'k',
      levels: ['a', 'b'],
      data: cells(40).map((i) => i % 2),
      samples: cells(1000).map((i) => (i % 4 === 0 ? 0 : 1)),
    };
    const drawn = levelsPanel(column, { width: 400, left: 20, bottom: 30 });
    const lines = Array.from(drawn.querySelectorAll('g'))
      .filter((group) => group.getAttribute('fill') === INK.black)
      .flatMap((group) => Array.from(group.querySelectorAll('rect'), (line) => Number(line.getAttribute('width'))));
    // The panel is 374 wide and ends at 1.04 times the largest share: 75 %, or the upper end of its interval.
    const unit = 374 / (1.04 * shareInterval(750, 1000)[1]);
    const wanted = [
      [20, 40],
      [20, 40],
      [250, 1000],
      [750, 1000],
    ]
      .map(([count, total]) => shareInterval(count!, total!))
      .map(([low, high]) => unit * (high - low));
    expect(lines).toHaveLength(4);
    for (const [i, line] of lines.entries()) expect(line).toBeCloseTo(wanted[i]!, 6);
  });

  it('the bar of all other categories is cut only if it is much longer than the others', () => {
    const column = (rest: number): LevelColumn => {
      const data = [...Array.from({ length: 60 }, (_, i) => i % 6), ...Array.from({ length: rest }, () => 6)];
      return { name: 'k', levels: ['a', 'b', 'c', 'd', 'e', 'f', 'g'], data, samples: data };
    };
    expect([cutsRest(column(10)), cutsRest(column(200))]).toEqual([false, true]);
  });

  it('the notes say what training rows are shown for, and how to read categories', () => {
    const columns = [normal('x', 1, 0, 20), normal('y', 2, 0, 20)].map((column) => ({
      ...column,
      data: column.data,
      training: cells(80).map((i) => i / 40 - 1),
    }));
    const kinds: LevelColumn = { name: 'k', levels: ['a'], data: cells(20).map(() => 0), training: [], samples: [0] };
    const notes = pairsNotes({
      columns: [...columns, kinds],
      matrix: columns.map(ranged),
      shown: [kinds],
      others: [kinds],
      colors: kinds,
    });
    expect(notes.filter((note) => !note.startsWith('Outside'))).toEqual([
      'Each scatter plot shows 100 rows of data or 100 draws.',
      'Above the diagonal, the axes of a pair are swapped.',
      'Pale points: training rows.',
      'Histograms: shares of rows; data and model have the same area.',
      'Colors: k.',
      'By k: median, central 50 % and 90 %; fewer than 10 rows as points.',
      'Black lines: one standard error of the share in the data, and of the share in the draws.',
      'Bars by category leave out the training rows.',
    ]);
  });

  it('the notes list values outside the axes, and columns that are not shown', () => {
    const day = { ...normal('when', 1), date: 'days' as const };
    const data = Array.from(day.data, (value, i) => (i === 3 ? 20_000 : value));
    const columns = [{ ...day, data }, normal('y', 2)];
    const matrix = columns.map(ranged);
    const notes = pairsNotes({ columns, matrix, shown: [], others: [normal('z', 3)].map(ranged), colors: undefined });
    expect(notes).toEqual([
      'Each scatter plot shows 200 rows of data or 200 draws.',
      'Above the diagonal, the axes of a pair are swapped.',
      'Histograms: shares of rows; data and model have the same area.',
      'Outside the axes: 1 row: when 2024-10-04.',
      'Not shown: z.',
    ]);
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
