import { key, isFlowError } from '@impflow/core';
import { toy, toys, type Toy } from '@impflow/tables';
import { describe, expect, it } from 'vitest';
import { logBesselI0 } from '../src/toys/circles.ts';

const NAMES = ['swissroll', '8gaussians', 'pinwheel', 'circles', 'moons', '2spirals', 'checkerboard', 'rings'];
const rowsOf = (values: Float32Array): readonly (readonly [number, number])[] =>
  Array.from({ length: values.length / 2 }, (_, i) => [values[2 * i]!, values[2 * i + 1]!]);
const drawn = (name: string, seed: number, rows: number): readonly (readonly [number, number])[] =>
  rowsOf(toy(name).sample(key(seed), rows));
const meanOf = (numbers: readonly number[]): { mean: number; error: number } => {
  const mean = numbers.reduce((a, b) => a + b, 0) / numbers.length;
  return {
    mean,
    error: Math.sqrt(numbers.reduce((a, b) => a + (b - mean) ** 2, 0) / numbers.length / (numbers.length - 1)),
  };
};
/** Computes the total mass and the entropy of a density by the midpoint rule on a square grid, in double precision. */
const quadrature = ({ logDensity }: Toy, half: number, step: number): { mass: number; entropy: number } => {
  let [mass, entropy] = [0, 0];
  const cells = Math.round((2 * half) / step);
  for (let i = 0; i < cells; i++) {
    for (let j = 0; j < cells; j++) {
      const log = logDensity!(-half + (i + 0.5) * step, -half + (j + 0.5) * step);
      if (log === -Infinity) continue;
      const p = Math.exp(log) * step * step;
      mass += p;
      entropy -= p * log;
    }
  }
  return { mass, entropy };
};
/** Returns the upper 1e-4 quantile of chi squared. @see Wilson and Hilferty, The Distribution of Chi-Square, 1931. */
const chiSquaredLimit = (freedom: number): number =>
  freedom * (1 - 2 / (9 * freedom) + 3.719 * Math.sqrt(2 / (9 * freedom))) ** 3;
const chiSquared = (counts: readonly number[], expected: readonly number[]): number =>
  counts.reduce((sum, n, i) => sum + (n - expected[i]!) ** 2 / expected[i]!, 0);

describe('toys', () => {
  it('the registry `toys` contains eight distributions, each under its name', () => {
    expect(Object.keys(toys).sort()).toEqual([...NAMES].sort());
    for (const name of NAMES) expect(toy(name).name).toBe(name);
  });

  it('the function `toy` suggests the nearest name if a name is misspelled', () => {
    expect(() => toy('chekerboard')).toThrow(
      '[tables/toy] Unknown toy: expected one of swissroll, 8gaussians, pinwheel, circles, moons, 2spirals, ' +
        'checkerboard, rings, got "chekerboard". Did you mean "checkerboard"?',
    );
    expect(() => toy('toString')).toThrow(expect.toSatisfy((error) => isFlowError(error, 'registry')));
  });

  it.each(NAMES)('samples of %s depend only on the key, and a longer sample begins with the shorter sample', (name) => {
    const long = toy(name).sample(key(3), 101);
    expect(long.length).toBe(202);
    expect(long.every(Number.isFinite)).toBe(true);
    expect(toy(name).sample(key(3), 101)).toEqual(long);
    expect(toy(name).sample(key(3), 40)).toEqual(long.subarray(0, 80));
    expect(toy(name).sample(key(4), 101)).not.toEqual(long);
    expect(toy(name).sample(key(3), 1).length).toBe(2);
    expect(toy(name).sample(key(3), 0).length).toBe(0);
  });
});

describe('densities of toys', () => {
  const dense = NAMES.filter((name) => toy(name).logDensity !== undefined);

  it('every example distribution with an entropy has a density', () => {
    expect(dense).toEqual(NAMES.filter((name) => toy(name).entropy !== undefined));
    expect(dense.length).toBe(6);
  });

  it.each([
    ['checkerboard', 4, 0.05],
    ['8gaussians', 6, 0.1],
    ['circles', 6, 0.06],
    ['rings', 5, 0.02],
    ['swissroll', 5, 0.1],
    ['moons', 5, 0.1],
  ] as const)('the density of %s integrates to one and has the stated entropy', (name, half, step) => {
    const { mass, entropy } = quadrature(toy(name), half, step);
    expect(Math.abs(mass - 1)).toBeLessThan(1e-6);
    expect(Math.abs(entropy - toy(name).entropy!)).toBeLessThan(2e-6);
  });

  // The test is two-sided, with a limit of 4.4 standard errors. With a random key, the test would fail with probability
  // 1e-5 for each distribution.
  it.each(dense)('the mean negative log-density of samples of %s is the entropy', (name) => {
    const { mean, error } = meanOf(drawn(name, 11, 4000).map(([x, y]) => -toy(name).logDensity!(x, y)));
    expect(Math.abs(mean - toy(name).entropy!)).toBeLessThan(4.4 * error + 1e-6);
  });

  // This is Pearson's chi-square test at the level 1e-4, over the grid cells with at least ten expected points. The
  // density is integrated over each cell on a grid of 6 by 6 points.
  it.each(dense)('samples of %s are distributed according to the density', (name) => {
    const { logDensity } = toy(name);
    const [rows, half, cell, fine] = [20_000, 4.5, 0.5, 6];
    const side = (2 * half) / cell;
    const counts: number[] = Array.from({ length: side * side }, () => 0);
    const expected: number[] = [...counts];
    let outside = 0;
    for (const [x, y] of drawn(name, 12, rows)) {
      const [i, j] = [Math.floor((x + half) / cell), Math.floor((y + half) / cell)];
      if (i < 0 || j < 0 || i >= side || j >= side) outside++;
      else counts[i * side + j]!++;
    }
    const h = cell / fine;
    for (let i = 0; i < side * fine; i++) {
      for (let j = 0; j < side * fine; j++) {
        expected[Math.floor(i / fine) * side + Math.floor(j / fine)]! +=
          rows * h * h * Math.exp(logDensity!(-half + (i + 0.5) * h, -half + (j + 0.5) * h));
      }
    }
    const kept = expected.flatMap((e, i) => (e >= 10 ? [i] : []));
    const rest = [
      rows - kept.reduce((sum, i) => sum + counts[i]!, 0),
      Math.max(1, rows - kept.reduce((sum, i) => sum + expected[i]!, 0)),
    ] as const;
    const statistic =
      chiSquared(
        kept.map((i) => counts[i]!),
        kept.map((i) => expected[i]!),
      ) +
      (rest[0] - rest[1]) ** 2 / rest[1];
    expect(outside).toBeLessThan(rows / 100);
    expect(statistic).toBeLessThan(chiSquaredLimit(kept.length));
  });
});

describe('checkerboard', () => {
  const points = drawn('checkerboard', 5, 40_000);

  it('every point of the checkerboard lies on a black square', () => {
    for (const [x, y] of points) expect(toy('checkerboard').logDensity!(x, y)).toBe(-Math.log(32));
    expect(toy('checkerboard').logDensity!(0.5, 0.5)).toBe(-Math.log(32));
    expect(toy('checkerboard').logDensity!(0.5, 2.5)).toBe(-Infinity);
    expect(toy('checkerboard').logDensity!(4.5, 0.5)).toBe(-Infinity);
  });

  it('the checkerboard draws points from its eight black squares with equal probability', () => {
    const squares = new Map<string, number>();
    for (const [x, y] of points) {
      const square = `${Math.floor(x / 2)},${Math.floor(y / 2)}`;
      squares.set(square, (squares.get(square) ?? 0) + 1);
    }
    expect(squares.size).toBe(8);
    expect(
      chiSquared(
        [...squares.values()],
        Array.from({ length: 8 }, () => 5000),
      ),
    ).toBeLessThan(chiSquaredLimit(7));
  });
});

describe('shapes', () => {
  it('`8gaussians` has eight equally likely centers, each with the stated spread', () => {
    const clusters = Array.from({ length: 8 }, () => [] as number[]);
    for (const [x, y] of drawn('8gaussians', 6, 16_000)) {
      const k = (Math.round(Math.atan2(y, x) / (Math.PI / 4)) + 8) % 8;
      clusters[k]!.push(
        (x - 2.8289 * Math.cos((k * Math.PI) / 4)) ** 2 + (y - 2.8289 * Math.sin((k * Math.PI) / 4)) ** 2,
      );
    }
    expect(
      chiSquared(
        clusters.map((c) => c.length),
        Array.from({ length: 8 }, () => 2000),
      ),
    ).toBeLessThan(chiSquaredLimit(7));
    for (const cluster of clusters) expect(meanOf(cluster).mean).toBeCloseTo(2 * 0.3536 ** 2, 1);
  });

  it('the samples of `circles` and `rings` have the stated radii', () => {
    for (const [name, radii, sigma] of [
      ['circles', [1.5, 3], 0.24],
      ['rings', [0.75, 1.5, 2.25, 3], 0.08],
    ] as const) {
      for (const [x, y] of drawn(name, 7, 5000)) {
        expect(Math.min(...radii.map((r) => Math.abs(Math.hypot(x, y) - r)))).toBeLessThan(6 * sigma);
      }
    }
  });

  it('the samples of `moons` and `swissroll` are near their curves', () => {
    for (const [x, y] of drawn('moons', 8, 5000)) {
      // The upper moon has the center (-1, -0.2), the lower moon the center (1, 0.8). Both moons have radius 2.
      expect(Math.min(Math.abs(Math.hypot(x + 1, y + 0.2) - 2), Math.abs(Math.hypot(x - 1, y - 0.8) - 2))).toBeLessThan(
        1.2,
      );
    }
    const radii = drawn('swissroll', 8, 5000).map(([x, y]) => Math.hypot(x, y));
    expect(Math.min(...radii)).toBeLessThan(0.94);
    expect(Math.max(...radii)).toBeGreaterThan(2.83);
    expect(Math.max(...radii)).toBeLessThan(2.83 + 6 * 0.2);
  });

  // By symmetry, E x = E y = 0 for pinwheel and 2spirals. For pinwheel, E r^2 = 4 (1 + 0.09 + 0.01), since a rotation
  // keeps lengths.
  it('`pinwheel` and `2spirals` have the moments of the published generators', () => {
    const pinwheel = drawn('pinwheel', 9, 40_000);
    const squared = meanOf(pinwheel.map(([x, y]) => x * x + y * y));
    expect(Math.abs(squared.mean - 4.4)).toBeLessThan(4.4 * squared.error);
    // For 2spirals, before the division by 3, the squared distance is a sum of three terms: r^2, twice the product of
    // the curve and the uniform noise (mean 1/4 on each axis), and the square of this noise (mean 1/12 on each axis).
    // r^2 has mean 9 pi^2 / 2, and the mean of the product is a one-dimensional integral.
    const n = 200_000;
    let cross = 0;
    for (let i = 0; i < n; i++) {
      const r = 3 * Math.PI * Math.sqrt((i + 0.5) / n);
      cross += (r * Math.sin(r) - r * Math.cos(r)) / (2 * n);
    }
    const spirals = drawn('2spirals', 9, 40_000);
    const distance = meanOf(spirals.map(([x, y]) => x * x + y * y));
    expect(Math.abs(distance.mean - ((9 * Math.PI ** 2) / 2 + 1 / 6 + cross) / 9 - 0.02)).toBeLessThan(
      4.4 * distance.error,
    );
    for (const points of [pinwheel, spirals]) {
      for (const axis of [0, 1] as const) {
        const { mean, error } = meanOf(points.map((point) => point[axis]));
        expect(Math.abs(mean)).toBeLessThan(4.4 * error);
      }
    }
  });
});

describe('logBesselI0', () => {
  // The reference is I0(x) = mean over angles of e^(x cos a), computed by the trapezoid rule, which converges
  // exponentially.
  it.each([0, 0.1, 1, 5, 19.99, 20, 21, 60, 500])('logBesselI0 agrees with quadrature at %d', (x) => {
    let sum = 0;
    for (let i = 0; i < 400; i++) sum += Math.exp(x * (Math.cos((2 * Math.PI * i) / 400) - 1));
    expect(Math.abs(logBesselI0(x) - (x + Math.log(sum / 400)))).toBeLessThan(1e-12 * Math.max(1, x));
  });
});
