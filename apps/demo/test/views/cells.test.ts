import { expect, test } from 'vitest';
import type { Region } from '../../src/protocol/data.ts';
import { borderOf, cellAt, cellsAlong, contains, shareIn } from '../../src/views/cells.ts';
import { kindsByDirection, WHEEL } from '../../src/views/draw-plane.ts';
import { areaOf } from '../../src/views/planes-scene.ts';
import { gridLines } from '../../src/workers/viewer/warp.ts';

const region: Region = [
  [-4, 4],
  [-2, 2],
];
const lines = gridLines(region, 5, 9);

test('grid cells lie between the grid lines and are counted from the lower left', () => {
  expect(cellsAlong({ stages: [lines], pointsPerLine: 9 })).toBe(4);
  expect(cellAt(lines, 9, [-3.9, -1.9])).toEqual([0, 0]);
  expect(cellAt(lines, 9, [3.9, -1.9])).toEqual([3, 0]);
  expect(cellAt(lines, 9, [0.5, 1.5])).toEqual([2, 3]);
  expect(cellAt(lines, 9, [5, 0])).toBeUndefined();
});

test('the border of a grid cell consists of pieces of four lines and encloses the area of the cell', () => {
  const border = borderOf(lines, 9, [1, 2]);
  expect(border.length).toBe(2 * 4 * 2);
  expect([
    Math.min(...border.filter((_, i) => i % 2 === 0)),
    Math.max(...border.filter((_, i) => i % 2 === 0)),
  ]).toEqual([-2, 0]);
  expect(areaOf(border)).toBeCloseTo(2, 5);
});

test('if a map is applied to the grid and to points, each point stays in its cell', () => {
  const bent = lines.map((value, i) => (i % 2 === 0 ? value + Math.sin(lines[i + 1]!) : value));
  for (const [x, y] of [
    [-3.1, 0.2],
    [1.7, -1.2],
    [2.2, 1.9],
  ] as const)
    expect(cellAt(bent, 9, [x + Math.sin(y), y])).toEqual(cellAt(lines, 9, [x, y]));
});

test('`shareIn` returns the fraction of points that lie inside the border of a cell', () => {
  const square = Float32Array.of(0, 0, 1, 0, 1, 1, 0, 1);
  expect(contains(square, [0.5, 0.5])).toBe(true);
  expect(contains(square, [1.5, 0.5])).toBe(false);
  expect(shareIn(square, Float32Array.of(0.2, 0.2, 3, 3, 0.9, 0.1, -1, 0))).toBe(0.5);
  expect(shareIn(square, new Float32Array(0))).toBe(0);
});

test('points are colored by their direction from the mean of all points', () => {
  const around = Float32Array.from({ length: 48 }, (_, i) =>
    i % 2 === 0 ? 5 + Math.cos(((i / 2) * Math.PI) / 12 + 0.01) : Math.sin((((i - 1) / 2) * Math.PI) / 12 + 0.01),
  );
  const kinds = kindsByDirection(around);
  expect(new Set(kinds).size).toBe(WHEEL.length);
  expect(kinds[0]).toBe(0);
  expect(kinds[23]).toBe(WHEEL.length - 1);
});
