import { key, uniforms } from '@impflow/core';
import { fitPixelQuantiles, type Images } from '@impflow/data';
import { expect, it } from 'vitest';

/** Images of three numbers: nearly always black, evenly grey, always white. */
const images = (count: number, seed: number): Images => {
  const draws = uniforms(key(seed), 2 * count);
  const pixels = Uint8Array.from({ length: 3 * count }, (_, i) => {
    const [first, second] = [draws[2 * Math.floor(i / 3)]!, draws[2 * Math.floor(i / 3) + 1]!];
    return i % 3 === 0 ? (first < 0.95 ? 0 : Math.floor(256 * second)) : i % 3 === 1 ? Math.floor(256 * second) : 255;
  });
  return { shape: [1, 1, 3], count, pixels, source: 'test' };
};

const fitted = fitPixelQuantiles(images(20_000, 1));

/** The image of a grey level with its noise, and the slope there. */
const mapped = (column: number, x: number): { readonly value: number; readonly slope: number } => {
  const [knots, levels] = [fitted.knots[column]!, fitted.levels[column]!];
  const k = Math.min(knots.length - 2, knots.filter((knot) => knot <= x).length - 1);
  const slope = (levels[k + 1]! - levels[k]!) / (knots[k + 1]! - knots[k]!);
  return { value: levels[k]! + (x - knots[k]!) * slope, slope };
};

/** Noisy fresh grey levels of one number of an image. */
const fresh = (column: number): Float64Array => {
  const { pixels, count } = images(20_000, 2);
  return uniforms(key(3), count).map((noise, i) => pixels[3 * i + column]! + noise);
};

it('knots and levels rise from 0 to 256, as many for every number, and survive JSON', () => {
  for (const [j, knots] of fitted.knots.entries()) {
    const levels = fitted.levels[j]!;
    expect([knots[0], knots.at(-1), levels[0], levels.at(-1)]).toEqual([0, 256, -3.5, 3.5]);
    expect([knots.length, levels.length]).toEqual([fitted.knots[0]!.length, fitted.knots[0]!.length]);
    for (let k = 1; k < knots.length; k++) {
      expect(Math.fround(knots[k]!)).toBeGreaterThan(Math.fround(knots[k - 1]!));
      expect(Math.fround(levels[k]!)).toBeGreaterThan(Math.fround(levels[k - 1]!));
    }
  }
});

it.each([0, 1, 2])('fresh grey levels of number %i become standard normal: mean, variance and fourth moment within five standard errors and what a piece bends', (column) => {
  const values = Array.from(fresh(column), (x) => mapped(column, x).value);
  const mean = (power: number): number => values.reduce((sum, value) => sum + value ** power, 0) / values.length;
  expect(Math.abs(mean(1))).toBeLessThan(5 / Math.sqrt(20_000) + 0.01);
  expect(Math.abs(mean(2) - 1)).toBeLessThan(5 * Math.sqrt(2 / 20_000) + 0.02);
  expect(Math.abs(mean(4) - 3)).toBeLessThan(5 * Math.sqrt(96 / 20_000) + 0.15);
});

it('the density is that of the histogram: a twentieth of a nat above the entropy at most', () => {
  const entropies = [-(0.95 + 0.05 / 256) * Math.log(0.95 + 0.05 / 256) - 255 * (0.05 / 256) * Math.log(0.05 / 256), Math.log(256), 0];
  for (const [column, entropy] of entropies.entries()) {
    const xs = Array.from(fresh(column));
    const nats = xs.reduce((sum, x) => {
      const { value, slope } = mapped(column, x);
      return sum + 0.5 * value * value + 0.5 * Math.log(2 * Math.PI) - Math.log(slope);
    }, 0) / xs.length;
    expect(nats - entropy).toBeGreaterThan(-0.02);
    expect(nats - entropy).toBeLessThan(0.05);
  }
});
