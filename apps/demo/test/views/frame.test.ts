import { expect, test } from 'vitest';
import type { Region } from '../../src/protocol/data.ts';
import { frameOf, middleOf, moved, pointAt, toX, toY, valueAt } from '../../src/views/frame.ts';

const region: Region = [
  [-180, 180],
  [-60, 75],
];
const frame = frameOf(500, region);

test('the horizontal margins of a plot have the same sum as the vertical margins, so a square plot has a square picture', () => {
  const { size, left, top, side } = frame;
  expect(size - left - side).toBeGreaterThan(0);
  expect(size - top - side).toBeGreaterThan(0);
  expect(left + (size - left - side)).toBe(top + (size - top - side));
});

test('a point is mapped to a position on the canvas and back; the second coordinate points upwards', () => {
  for (const [x, y] of [
    [-180, -60],
    [180, 75],
    [12.5, 3.25],
  ] as const) {
    const back = pointAt(frame, toX(frame, x), toY(frame, y))!;
    expect(back[0]).toBeCloseTo(x, 9);
    expect(back[1]).toBeCloseTo(y, 9);
  }
  expect(toY(frame, 75)).toBeLessThan(toY(frame, -60));
});

test('`pointAt` returns undefined for positions outside the plot', () => {
  const { left, top, side } = frame;
  for (const [x, y] of [
    [left - 1, top + 5],
    [left + side + 1, top + 5],
    [left + 5, top - 1],
    [left + 5, top + side + 1],
  ] as const)
    expect(pointAt(frame, x, y)).toBeUndefined();
});

test('`valueAt` returns the value of the pixel that contains a point; the first row of pixels is at the top', () => {
  const map = {
    quantity: 'density',
    region,
    side: 3,
    values: Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8),
    pixels: new Uint8ClampedArray(36),
    low: 0,
    high: 8,
    step: 0,
  } as const;
  expect(valueAt(map, [-170, 70])).toBe(0);
  expect(valueAt(map, [170, 70])).toBe(2);
  expect(valueAt(map, [0, 0])).toBe(4);
  expect(valueAt(map, [-180, -60])).toBe(6);
  expect(valueAt(map, [180, 75])).toBe(2);
  expect(valueAt(map, [181, 0])).toBeUndefined();
  expect(valueAt(map, [0, -61])).toBeUndefined();
});

test('the cross-hair moves by fractions of the region and stays inside the region', () => {
  expect(moved([0, 0], 0.1, -0.2, region)).toEqual([36, -27]);
  expect(moved([179, 74], 0.1, 0.1, region)).toEqual([180, 75]);
  expect(middleOf(region)).toEqual([0, 7.5]);
});
