import { cpu } from '@impflow/backend-cpu';
import {
  bits,
  fold,
  forRows,
  fromRow,
  key,
  drawNormal,
  normals,
  drawPermutation,
  drawRademacher,
  split,
  threefry,
  drawUniform,
  uniforms,
} from '@impflow/core';
import { onBackend } from '@impflow/testkit';
import { describe, expect, it } from 'vitest';

const hex = (words: readonly number[]): string => words.map((word) => word.toString(16).padStart(8, '0')).join(' ');

describe('threefry', () => {
  // Published results of the Random123 library for threefry2x32 with 20 rounds.
  it('`threefry` gives the published numbers of the Random123 library', () => {
    expect(hex(threefry({ high: 0, low: 0 }, 0, 0))).toBe('6b200159 99ba4efe');
    expect(hex(threefry({ high: -1, low: -1 }, -1, -1))).toBe('1cb996fc bb002be7');
    expect(hex(threefry({ high: 0x13198a2e, low: 0x03707344 }, 0x243f6a88, 0x85a308d3 | 0))).toBe('c4923a9c 483df7a0');
  });
});

describe('keys', () => {
  it('`bits` returns two integers of `threefry` for each counter', () => {
    for (const [k, counter] of [
      [key(0), 0],
      [key(2 ** 53 - 1), 7],
      [fold(key(3), 9), 123_456],
    ] as const) {
      const found = [...bits(k, 100, 2 * counter)];
      expect(found).toEqual(Array.from({ length: 50 }, (_, i) => threefry(k, 0, counter + i)).flat());
    }
  });

  it('equal keys give equal numbers, and different keys give different numbers', () => {
    expect(bits(key(7), 5)).toEqual(bits(key(7), 5));
    expect(bits(key(7), 5)).toEqual(bits(key(7), 9).subarray(0, 5));
    const drawn = [key(7), key(8), fold(key(7), 0), fold(key(7), 1), ...split(fold(key(7), 1))].map((k) =>
      hex([...bits(k, 2)]),
    );
    expect(new Set(drawn).size).toBe(drawn.length);
  });

  it('`key` throws for a number that is not a seed', () => {
    expect(() => key(-1)).toThrow('[core/key] Wrong seed: expected an integer in [0, 2^53), got -1.');
    expect(() => key(0.5)).toThrow('got 0.5');
  });
});

describe('distributions', () => {
  const n = 100_000;
  // Each bound is five standard errors: one false alarm in 1.7 million draws. The key is fixed.
  it('uniform numbers are inside (0, 1), with mean 1/2 and variance 1/12', () => {
    const u = uniforms(key(1), n);
    const mean = u.reduce((a, b) => a + b, 0) / n;
    const variance = u.reduce((a, b) => a + (b - 0.5) ** 2, 0) / n;
    expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / n));
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(5 * Math.sqrt(1 / 180 / n));
    expect(Math.min(...u.subarray(0, 1000))).toBeGreaterThan(0);
  });

  it('normal numbers have the first four moments of the normal distribution', () => {
    const z = normals(key(2), n);
    const moment = (p: number): number => z.reduce((a, b) => a + b ** p, 0) / n;
    expect(Math.abs(moment(1))).toBeLessThan(5 / Math.sqrt(n));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
    expect(Math.abs(moment(3))).toBeLessThan(5 * Math.sqrt(15 / n));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(5 * Math.sqrt(96 / n));
  });

  it('a permutation contains each number once, and each number is equally likely to be the first', () => {
    expect([...drawPermutation(key(3), 50)].sort((a, b) => a - b)).toEqual([...Array(50).keys()]);
    const first = [0, 0, 0, 0];
    for (let i = 0; i < 4000; i++) first[drawPermutation(fold(key(4), i), 4)[0]!]! += 1;
    const chiSquared = first.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    // A chi-squared statistic with 3 degrees of freedom exceeds the bound once in 1,000 cases.
    expect(chiSquared).toBeLessThan(16.27);
  });
});

describe('a part of a batch', () => {
  onBackend(cpu());

  it.each([
    ['uniform', drawUniform],
    ['normal', drawNormal],
    ['rademacher', drawRademacher],
  ] as const)('a part of a batch gets the %s numbers that its rows have in the whole batch', (_name, draw) => {
    for (const event of [[3], [2, 2], []]) {
      const whole = draw(fold(key(9), 1), [11, ...event]).dataSync();
      const perRow = event.reduce((product, n) => product * n, 1);
      for (const [from, to] of [
        [0, 4],
        [1, 2],
        [3, 11],
        [4, 9],
      ] as const) {
        expect(draw(fold(fromRow(key(9), from), 1), [to - from, ...event]).dataSync()).toEqual(
          whole.slice(from * perRow, to * perRow),
        );
      }
    }
  });

  it('a part of a batch gets the bits, permutations and scalars of the whole batch', () => {
    const part = fromRow(key(9), 5);
    expect(bits(part, 3)).toEqual(bits(key(9), 3));
    expect(drawPermutation(fold(part, 2), 7)).toEqual(drawPermutation(fold(key(9), 2), 7));
    expect(drawNormal(part, []).dataSync()).toEqual(drawNormal(key(9), []).dataSync());
    expect(fold(fold(part, 1), 2)).toEqual({ ...fold(fold(key(9), 1), 2), row: 5 });
  });
});

describe('rows with names', () => {
  onBackend(cpu());

  it.each([
    ['uniform', drawUniform],
    ['normal', drawNormal],
    ['rademacher', drawRademacher],
  ] as const)('rows with equal names have equal %s numbers at any position in the batch', (_name, draw) => {
    const rowsOf = (names: readonly number[]): string[] => {
      const values = draw(fold(forRows(key(9), names), 1), [names.length, 5, 8]).dataSync();
      return names.map((_, i) => values.slice(i * 40, (i + 1) * 40).join());
    };
    const [first, second, third] = rowsOf([2 ** 53 - 1, 0, 7]);
    expect(rowsOf([7, 3, 7, 2 ** 53 - 1])).toEqual([third, expect.anything(), third, first]);
    expect(new Set([first, second, third]).size).toBe(3);
  });

  it('names of rows do not change numbers that do not belong to a row', () => {
    const named = forRows(key(9), [5, 6]);
    expect(bits(named, 3)).toEqual(bits(key(9), 3));
    expect(drawNormal(named, []).dataSync()).toEqual(drawNormal(key(9), []).dataSync());
    expect(drawNormal(named, [3, 2]).dataSync()).toEqual(drawNormal(key(9), [3, 2]).dataSync());
  });
});
