import { key, normals, uniforms } from '@impflow/core';
import { offsetOf } from '@impflow/tables';
import { describe, expect, it } from 'vitest';

const draws = normals(key(1), 500);
const shares = uniforms(key(2), 500);
const column = (of: (i: number) => number): readonly number[] => Array.from({ length: 500 }, (_, i) => of(i));

const seconds = column((i) => 1_580_000_000 + Math.floor(600 * shares[i]!));
const dates = column((i) => 20_200_101 + 100 * Math.floor(12 * shares[i]!) + (i % 28));

describe('offsetOf', () => {
  it('offsetOf returns a value of the column if float32 is too coarse for the column', () => {
    for (const values of [
      seconds,
      dates,
      seconds.map((value) => 1000 * value + 1),
      column((i) => 1e8 + draws[i]!),
      column((i) => 1_000_000 + (i % 40) / 10),
      column((i) => 3_600 * (438_888 + (i % 50))),
    ]) {
      const offset = offsetOf(values);
      expect(values).toContain(offset);
      // The offset is one of the values of the column. So after the subtraction, the magnitude of each number is at
      // most the range of the column.
      expect(Math.max(...values.map((value) => Math.abs(value - offset)))).toBeLessThanOrEqual(
        0.6 * (Math.max(...values) - Math.min(...values)),
      );
    }
  });

  it('offsetOf returns 0 if float32 is precise enough, or if subtracting an offset does not help', () => {
    for (const values of [
      column((i) => draws[i]!),
      column((i) => 1000 + draws[i]!),
      column((i) => -122.7611694 + 30 * draws[i]!),
      column((i) => 2019 + (i % 3)),
      column((i) => i % 2),
      column((i) => 50_000 + (i % 900)),
      column((i) => Math.floor(1e9 * shares[i]!)),
      column(() => 1e9),
      column(() => NaN),
      [0, 1e30],
    ])
      expect(offsetOf(values)).toBe(0);
  });

  it('offsetOf returns the smaller value of a column of two values, so that 0.5 and 1.5 become 0 and 1', () => {
    expect(offsetOf(column((i) => 0.5 + (i % 2)))).toBe(0.5);
    expect(offsetOf([...column((i) => 0.5 + (i % 2)), 2.5])).toBe(0);
  });
});
