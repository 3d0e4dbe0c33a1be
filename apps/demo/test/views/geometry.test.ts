import { expect, test } from 'vitest';
import type { Region } from '../../src/protocol/data.ts';
import { NO_ROWS, stampDots, stampFrom } from '../../src/views/dots.ts';
import { frameOf, toX, toY } from '../../src/views/frame.ts';
import { between, boxBetween, boxesOf, isUpright, positionAfter } from '../../src/views/warp-stages.ts';

const region: Region = [
  [-4, 4],
  [-4, 4],
];
const grid = (scale: number, shift = 0): Float32Array =>
  Float32Array.from({ length: 2 * 121 }, (_, i) => {
    const place = Math.floor(i / 2);
    return (scale * (i % 2 === 0 ? (place % 11) - 5 : Math.floor(place / 11) - 5)) / 5 + shift;
  });

test('adjacent stages of a warped grid with the same units share one box around all their points', () => {
  const boxes = boxesOf({ stages: [grid(4), grid(5), grid(2)] }, region);
  expect(boxes[0]).toEqual(boxes[1]);
  expect(boxes[1]).toEqual(boxes[2]);
  expect(boxes[0]![0][0]).toBeLessThan(-5);
  expect(boxes[0]![0][1]).toBeGreaterThan(5);
});

test('a change of units between stages changes the box; non-finite points are ignored', () => {
  const last = grid(2);
  last[0] = NaN;
  last[1] = Infinity;
  const boxes = boxesOf({ stages: [grid(180), grid(2.2), last] }, [
    [-180, 180],
    [-180, 180],
  ]);
  expect(boxes[0]![0][1]).toBeGreaterThan(180);
  expect(boxes[1]![0][1]).toBeLessThan(3);
  expect(boxes[2]).toEqual(boxes[1]);
});

test('a fractional position is interpolated between two stages; an integer position is a stage itself', () => {
  const stages = [Float32Array.of(0, 0), Float32Array.of(2, 4), Float32Array.of(4, 0)];
  expect([...between(stages, 0.25)]).toEqual([0.5, 1]);
  expect(between(stages, 1)).toBe(stages[1]);
  expect(between(stages, Infinity)).toBe(stages[2]);
  expect(
    boxBetween(
      [
        [
          [0, 1],
          [0, 1],
        ],
        [
          [2, 5],
          [0, 3],
        ],
      ],
      0.5,
    ),
  ).toEqual([
    [1, 3],
    [0, 2],
  ]);
});

test('the animation moves from the data to the last stage without going back; with reduced motion it jumps', () => {
  const times = Array.from({ length: 200 }, (_, i) => 40 * i);
  const moving = times.map((ms) => positionAfter(ms, 5, false));
  expect(moving[1]).toBe(0);
  expect(moving.slice(1).every((at, i) => at >= moving[i]!)).toBe(true);
  expect(moving.at(-1)).toBe(4);
  expect(moving.some((at) => !Number.isInteger(at))).toBe(true);
  expect(times.map((ms) => positionAfter(ms, 5, true)).every(Number.isInteger)).toBe(true);
});

test('`isUpright` returns whether a grid line is vertical in data space', () => {
  const first = Float32Array.of(0, 1, 5, 1, 2, 0, 2, 5);
  expect([0, 1].map((line) => isUpright(first, line, 2))).toEqual([false, true]);
});

test('`stampDots` draws the dots that lie in the plot and returns the range of pixel rows with dots', () => {
  const opaque = Uint8ClampedArray.from({ length: 36 }, (_, i) =>
    i % 4 === 3 ? (Math.floor(i / 4) === 4 ? 255 : 90) : 200,
  );
  const stamp = stampFrom(opaque, 3);
  expect([...stamp.solid].filter((solid) => solid === 1)).toHaveLength(1);
  const frame = frameOf(200, region);
  const image = { width: 200, data: new Uint8ClampedArray(4 * 200 * 200) };
  const rows = stampDots(image, [{ points: Float32Array.of(1, 2, 9, 9, NaN, 0), stamps: [stamp] }], frame, 1);
  const set = Array.from({ length: 200 * 200 }, (_, i) => i).filter((i) => image.data[4 * i + 3]! > 0);
  const [column, row] = [Math.floor(toX(frame, 1)), Math.floor(toY(frame, 2))];
  expect(set).toHaveLength(9);
  expect(set[4]).toBe(row * 200 + column);
  expect(rows.first).toBeLessThan(row);
  expect(rows.end).toBeGreaterThan(row + 1);
  // The translucent rim of a dot does not change the pixels of a dot next to it.
  stampDots(image, [{ points: Float32Array.of(1 + 8 / frame.side, 2), stamps: [stamp] }], frame, 1);
  expect(image.data[4 * (row * 200 + column) + 3]).toBe(255);
  expect(stampDots(image, [{ points: Float32Array.of(9, 9), stamps: [stamp] }], frame, 1)).toBe(NO_ROWS);
});
