// Tests that the thin toy densities integrate to 1, and that their rows are draws from these densities.
import { expect, it } from 'vitest';
import { thinGaussians, thinRings } from '../toys.mjs';

const SIDE = 3.3;
/**
 * Integrates by the midpoint rule on a square. If cells are as wide as half a standard deviation, the rule is exact to
 * many digits for Gaussians.
 */
const integral = (f: (x: number, y: number) => number, step = 0.015): number => {
  let sum = 0;
  for (let x = -SIDE + step / 2; x < SIDE; x += step)
    for (let y = -SIDE + step / 2; y < SIDE; y += step) sum += f(x, y);
  return sum * step * step;
};

it.each([thinGaussians, thinRings])(
  'the density of $name integrates to 1, and the mean log-density of its rows is its negative entropy',
  ({ logDensity, sample }) => {
    // Near the origin the density is negligible, and the asymptotic Bessel function is not valid.
    const density = (x: number, y: number): number => (Math.hypot(x, y) < 0.5 ? -Infinity : logDensity(x, y));
    expect(integral((x, y) => Math.exp(density(x, y)))).toBeCloseTo(1, 5);
    const entropy = -integral((x, y) => {
      const l = density(x, y);
      return l < -40 ? 0 : l * Math.exp(l);
    });
    const rows = 20_000;
    const values = sample({ high: 0, low: 4 }, rows);
    const logs = Array.from({ length: rows }, (_, row) => logDensity(values[2 * row]!, values[2 * row + 1]!));
    const mean = logs.reduce((sum, x) => sum + x, 0) / rows;
    const error = Math.sqrt(logs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / rows / rows);
    expect(Math.abs(mean + entropy)).toBeLessThan(4 * error);
  },
);
