import { key, uniforms } from '@impflow/core';
import { decode, hasPngSignature } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { curvesPlot } from '../src/curves.ts';
import { densityPlot, type DensityPlotInput } from '../src/density.ts';
import { driftPlot } from '../src/drift.ts';
import { linesPlot } from '../src/lines.ts';
import { lossesOf, lossKeys } from '../src/loss-curves.ts';
import { rasterPng } from '../src/raster.ts';
import { reasonsPlot } from '../src/reasons.ts';
import { shadeFor } from '../src/shade.ts';
import { medianAround, range, thinned } from '../src/statistics.ts';

interface Rgb {
  readonly r: number;
  readonly g: number;
  readonly b: number;
}

/**
 * Returns the mean position, in pixels, of the pixels for which `wanted` returns true, and the number of these pixels.
 */
const center = (
  png: Uint8Array,
  wanted: (pixel: Rgb, x: number, y: number) => boolean,
): { x: number; y: number; count: number } => {
  const { width, data, channels } = decode(png);
  let [x, y, count] = [0, 0, 0];
  for (let at = 0; at < data.length; at += channels) {
    const [column, row] = [(at / channels) % width, Math.floor(at / channels / width)];
    if (!wanted({ r: data[at]!, g: data[at + 1]!, b: data[at + 2]! }, column, row)) continue;
    x += column;
    y += row;
    count++;
  }
  return { x: x / count, y: y / count, count };
};

const yellow = ({ r, g, b }: Rgb): boolean => r > 230 && g > 215 && b < 70;
const blue = ({ r, b }: Rgb): boolean => r < 120 && b > 150;
const vermilion = ({ r, g, b }: Rgb): boolean => r > 190 && g < 170 && b < 110;

const evenly = (low: number, high: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));

/** Returns the log-density of an isotropic normal distribution around `(cx, cy)` on a grid. */
const bump = (cx: number, cy: number, scale: number, xs: readonly number[], ys: readonly number[]): Float32Array =>
  Float32Array.from(
    ys.flatMap((y) =>
      xs.map((x) => -((x - cx) ** 2 + (y - cy) ** 2) / (2 * scale ** 2) - Math.log(2 * Math.PI * scale ** 2)),
    ),
  );

describe('rasterPng', () => {
  it('rasterPng draws the last row at the top, in the colors of viridis, and draws NaN as transparent', () => {
    const { width, height, data } = decode(rasterPng({ width: 2, height: 2, values: [0, 1, Number.NaN, 0.5] }));
    expect([width, height]).toEqual([2, 2]);
    const pixels = Array.from({ length: 4 }, (_, i) => [...data.subarray(4 * i, 4 * i + 4)]);
    expect(pixels[0]).toEqual([0, 0, 0, 0]);
    // The ends and the middle of viridis in matplotlib: #440154, #21918c and #fde725.
    expect(pixels[2]).toEqual([0x44, 0x01, 0x54, 255]);
    expect(pixels[3]).toEqual([0xfd, 0xe7, 0x25, 255]);
    pixels[1]!.forEach((channel, i) => expect(Math.abs(channel - [0x21, 0x91, 0x8c, 255][i]!)).toBeLessThanOrEqual(2));
  });
});

describe('densityPlot', () => {
  const xs = evenly(-4, 4, 81);
  // The data and the samples are each a single point at the mode, so the dot in a panel shows where the mode lies.
  const columns: DensityPlotInput['columns'] = [
    { name: 'x', data: [2], samples: [2] },
    { name: 'y', data: [-1], samples: [-1] },
  ];
  const wide = bump(-1, 1, 2, xs, xs);
  it.each([
    ['density', bump(2, -1, 0.5, xs, xs)],
    ['nats', bump(2, -1, 0.15, xs, xs).map((narrow, i) => Math.log(0.3 * Math.exp(narrow) + 0.7 * Math.exp(wide[i]!)))],
  ] as const)(
    'the picture of densityPlot is brightest where the density is highest, if the scale is linear in %s',
    (kind, logDensity) => {
      expect(shadeFor(logDensity).kind).toBe(kind);
      const png = densityPlot({ columns, grid: { xs, ys: xs, logDensity } });
      expect(hasPngSignature(png)).toBe(true);
      const [data, samples] = [center(png, blue), center(png, vermilion)];
      // The scale above the heat map also has yellow pixels.
      const peak = center(png, (pixel, _x, y) => yellow(pixel) && y > 144);
      expect(peak.count).toBeGreaterThan(10);
      const pitch = samples.x - data.x;
      expect(Math.abs(peak.x - (data.x - pitch))).toBeLessThan(4);
      expect(Math.abs(peak.y - data.y)).toBeLessThan(4);
    },
  );

  it('densityPlot stacks wide panels, and draws square panels if the ranges of the columns differ much', () => {
    const ys = evenly(-1, 1, 21);
    const size = (across: readonly number[], rows: readonly number[]): number => {
      const { width, height } = decode(
        densityPlot({
          columns,
          grid: { xs: across, ys: rows, logDensity: bump(0, 0, 1, across, rows) },
          title: 'T',
          subtitle: 'S',
        }),
      );
      return width / height;
    };
    expect(size(evenly(-2.5, 2.5, 41), ys)).toBeLessThan(1);
    expect(size(evenly(-2500, 2500, 41), ys)).toBeGreaterThan(2);
    const sixfold = { xs: evenly(-6, 6, 41), ys, logDensity: bump(0, 0, 1, evenly(-6, 6, 41), ys) };
    const shapes = ['m', 's'].map((unit) => {
      const [first, second] = columns;
      const { width, height } = decode(
        densityPlot({
          columns: [
            { ...first, name: 'x (m)' },
            { ...second, name: `y (${unit})` },
          ],
          grid: sixfold,
        }),
      );
      return width / height;
    });
    // Columns of the same unit are drawn to scale, and stacked. Otherwise the panels are square and side by side.
    expect([shapes[0]! < 1.6, shapes[1]! > 2]).toEqual([true, true]);
  });

  it('densityPlot throws if the number of log-densities does not fit the grid', () => {
    expect(() => densityPlot({ columns, grid: { xs, ys: xs, logDensity: [1, 2] } })).toThrow(
      '[plots/densityPlot] Wrong grid: ' +
        'expected at least 2 by 2 points and one log-density a point, got 81 by 81 points and 2 log-densities.',
    );
  });

  it('densityPlot accepts log-densities that are not finite', () => {
    const logDensity = bump(0, 0, 1, xs, xs).map((value, i) =>
      i % 3 === 0 ? -Infinity : i % 7 === 0 ? Number.NaN : value,
    );
    expect(hasPngSignature(densityPlot({ columns, grid: { xs, ys: xs, logDensity } }))).toBe(true);
    expect(
      hasPngSignature(densityPlot({ columns, grid: { xs, ys: xs, logDensity: logDensity.fill(Number.NaN) } })),
    ).toBe(true);
  });
});

describe('shadeFor', () => {
  it('shadeFor returns the kind `density` for a flat density, and the kind `nats` for a peaked density', () => {
    const even = shadeFor(Float32Array.from({ length: 100 }, (_, i) => (i < 50 ? -2 : -40)));
    expect(even.kind).toBe('density');
    expect(even.apply(-2)).toBe(1);
    expect(even.apply(-2 - Math.LN2)).toBeCloseTo(0.5, 12);
    // One cell in a thousand contains two thirds of the mass. The log-density of the other cells is 7.6 nats lower.
    const peaked = shadeFor(Float32Array.from({ length: 1000 }, (_, i) => (i === 0 ? 0 : Math.log(0.5 / 999))));
    expect(peaked.kind).toBe('nats');
    expect([peaked.apply(peaked.high), peaked.apply(peaked.low), peaked.apply(-Infinity)]).toEqual([1, 0, 0]);
  });
});

describe('curvesPlot', () => {
  const green = ({ r, g, b }: Rgb): boolean => g > r + 40 && g > b + 15;
  const violet = ({ r, g, b }: Rgb): boolean => r < 150 && g < 90 && b > 110;
  const noise = uniforms(key(4), 400);
  const run = (first: number, width = 0.1) =>
    Array.from({ length: 400 }, (_, i) => ({
      step: i + 1,
      loss: (i < 5 ? first : 3.7) + width * noise[i]!,
      solverSteps: i === 0 ? 0 : 4,
      ...(i % 50 === 49 ? { validation: { loss: 3.75, standardError: 0.01 } } : {}),
    }));

  it('the loss axis of curvesPlot is chosen from the late losses, and larger losses have marks', () => {
    const [calm, wild] = [curvesPlot(run(4)), curvesPlot(run(1e6))];
    const shares = [calm, wild].map((png) => [center(png, green).count, center(png, violet).count]);
    expect(shares[0]![0]).toBeGreaterThan(1000);
    expect(shares[0]![1]).toBeGreaterThan(1000);
    expect(shares[1]![0]! / shares[0]![0]!).toBeGreaterThan(0.8);
    expect(shares[1]![1]! / shares[0]![1]!).toBeGreaterThan(0.8);
    const [few, all] = [lossesOf(run(1e6), undefined, undefined), lossesOf(run(3.7), undefined, undefined)];
    // Marks that would touch are left out.
    expect([few.cut, all.cut.every((step) => step > 5)]).toEqual([[1], true]);
  });

  it('the legend names training and validation rows, and the median only if batches vary', () => {
    const names = (width: number): readonly string[] =>
      lossKeys(lossesOf(run(3.7, width), { loss: 3.8, standardError: 0.01 }, undefined), 'rows', 'a mixture').map(
        ({ name }) => name,
      );
    expect(names(1e-4)).toEqual([
      'training rows: each batch',
      'validation rows ± 1 standard error',
      'start: a mixture',
    ]);
    expect(names(1).filter((name) => name !== 'batches above the frame')).toEqual([
      'training rows: each batch',
      'training rows: median of 9 steps',
      'validation rows ± 1 standard error',
      'start: a mixture',
    ]);
  });

  it('the start is a validation loss at step 0, and the axis covers it', () => {
    const { tested, domain } = lossesOf(run(3.7), { loss: 5, standardError: 0.1 }, undefined);
    expect(tested[0]).toEqual({ step: 0, value: 5, error: 0.1 });
    expect(domain[1]).toBeGreaterThan(5);
  });

  it('a run of one step shows its point, and the axis covers the losses', () => {
    const metrics = [{ step: 1, loss: 3, validation: { loss: 3.1, standardError: 0.01 } }];
    const { domain } = lossesOf(metrics, { loss: 3.05, standardError: 0.01 }, undefined);
    expect([domain[0] > 2.9, domain[0] < 3, domain[1] > 3.11, domain[1] < 3.2]).toEqual([true, true, true, true]);
    const png = curvesPlot(metrics);
    expect(center(png, (pixel, _x, y) => green(pixel) && y > 190).count).toBeGreaterThan(30);
  });

  it('curvesPlot marks the chosen step, also before the first step', () => {
    const black = ({ r, g, b }: Rgb): boolean => r < 60 && g < 60 && b < 60;
    const at = (step: number): number => {
      const png = curvesPlot(run(4), { chosen: { step, loss: 3.75, standardError: 0.01 } });
      // The frame contains no other black pixels. Its left edge is at 132 pixels.
      return center(png, (pixel, x, y) => black(pixel) && x > 132 && y > 190 && y < 800).x;
    };
    // The axis of steps begins at 132 pixels and ends at 1588 pixels, with margins of 1.5 % of the run.
    const xOf = (step: number, first: number): number =>
      132 + (1588 - 132) * (((step - first) / (400 - first) + 0.015) / 1.03);
    expect(Math.abs(at(0) - xOf(0, 0))).toBeLessThan(3);
    expect(Math.abs(at(200) - xOf(200, 1))).toBeLessThan(3);
  });

  it('curvesPlot has a strip of solver steps only if they change', () => {
    const { height } = decode(curvesPlot(run(4)));
    const changing = run(4).map((point, i) => ({ ...point, solverSteps: i < 200 ? 4 : 5 }));
    expect(decode(curvesPlot(changing)).height).toBeGreaterThan(height);
    const accurate = run(4).map((point) => ({ ...point, accuracy: 0.5 }));
    expect(decode(curvesPlot(accurate)).height).toBeGreaterThan(height);
  });

  it('curvesPlot accepts runs with one step, without steps, or with NaN', () => {
    for (const metrics of [
      [{ step: 1, loss: 3 }],
      [],
      [
        { step: 1, loss: Number.NaN },
        { step: 2, loss: Infinity },
      ],
    ])
      expect(hasPngSignature(curvesPlot(metrics))).toBe(true);
  });
});

describe('linesPlot', () => {
  it('linesPlot draws a curve and its residuals in one color', () => {
    const x = evenly(0, 1, 20);
    const flat = (y: number) => x.map(() => y);
    const png = linesPlot({
      title: 'T',
      xLabel: 'x',
      yLabel: 'y',
      curves: [
        { name: 'a', x, y: flat(1) },
        { name: 'b', x, y: flat(2) },
      ],
      residual: { label: 'error', curves: [{ name: 'b', x, y: flat(-1) }] },
    });
    const { height } = decode(png);
    const below = (wanted: (pixel: Rgb) => boolean): number =>
      center(png, (pixel, _x, y) => wanted(pixel) && y > height * 0.68).count;
    expect(below(vermilion)).toBeGreaterThan(500);
    expect(below(blue)).toBe(0);
  });
});

describe('statistics', () => {
  it('`range`, `medianAround` and `thinned` return ranges, running medians and evenly spaced entries, respectively', () => {
    expect([range([2, Infinity, -1]), range([]), range([5])]).toEqual([
      [-1, 2],
      [0, 1],
      [4.5, 5.5],
    ]);
    expect([0, 1, 2, 3].map((i) => medianAround([1, 100, 2, 3], i, 1))).toEqual([50.5, 2, 3, 2.5]);
    expect(thinned([0, 1, 2, 3, 4, 5, 6, 7, 8], 3)).toEqual([0, 4, 8]);
  });
});

describe('reasonsPlot', () => {
  const reason = (column: string, part: number) => ({ column, part, value: '9,000', typical: '4,200' });
  const picture = (...parts: readonly number[]): Uint8Array =>
    reasonsPlot({
      title: 'Why rows are unlikely',
      rows: [{ title: 'row 1', reasons: parts.map((part, i) => reason(`column ${i}`, part)) }],
    });

  it('reasonsPlot draws bars with lengths proportional to the contributions', () => {
    // The axes of both pictures end at 23 nats, because the first bar has this length.
    const [one, half] = [picture(23, 0), picture(23, 11.5)];
    const [first, both] = [center(one, vermilion).count, center(half, vermilion).count];
    expect(first).toBeGreaterThan(1000);
    expect(both / first).toBeGreaterThan(1.45);
    expect(both / first).toBeLessThan(1.55);
  });

  it('reasonsPlot cuts off infinite contributions, and accepts equal column names, rows without bars, and an empty list', () => {
    // Without a finite contribution the axis ends at 5 nats, and the bar of the infinite contribution reaches this end.
    expect(center(picture(Infinity), vermilion).count / center(picture(23), vermilion).count).toBeCloseTo(1.04, 1);
    const twice = reasonsPlot({ title: 'Twice', rows: [{ title: 'row', reasons: [reason('a', 5), reason('a', 5)] }] });
    expect(center(twice, vermilion).count / center(picture(5, 0), vermilion).count).toBeCloseTo(2, 1);
    expect(hasPngSignature(picture())).toBe(true);
    expect(hasPngSignature(reasonsPlot({ title: 'None', rows: [] }))).toBe(true);
  });
});

describe('driftPlot', () => {
  const picture = (more: object): Uint8Array =>
    driftPlot({
      title: 'Drift',
      subtitle: 'No drift',
      evidence: { rows: [1, 2, 3], values: [0, 1, 2] },
      threshold: 1,
      marks: {},
      scores: { reference: [-1, -2, -3], rows: [-2, -3, NaN] },
      columns: [{ column: 'a', value: 1, error: 0, note: 'rose' }],
      columnsLabel: 'nats',
      ...more,
    });

  it('driftPlot draws the rows of an alarm, and bars with lengths proportional to the values', () => {
    const isBar = (pixel: Rgb, _x: number, y: number): boolean => y > 1080 && vermilion(pixel);
    const bars = (...values: readonly number[]): number =>
      center(picture({ columns: values.map((value) => ({ column: 'a', value, error: 0, note: '' })) }), isBar).count;
    expect(bars(1, 0.5) / bars(1, 0)).toBeCloseTo(1.5, 1);
    const count = (marks: object): number => center(picture({ marks }), vermilion).count;
    expect(count({ alarm: 2, since: 1 })).toBeGreaterThan(count({}) + 500);
  });

  it('driftPlot accepts NaN, rows without scores and no columns', () => {
    expect(hasPngSignature(picture({ columns: [{ column: 'a', value: NaN, error: 0, note: '' }] }))).toBe(true);
    expect(hasPngSignature(picture({ columns: [], scores: { reference: [], rows: [] } }))).toBe(true);
  });
});
