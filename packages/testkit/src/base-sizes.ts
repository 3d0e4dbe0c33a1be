import { fold, fromRow, key, scoped, valueAndGradients, vjpByTape, type Key } from '@impflow/core';
import type { BaseDistribution } from '@impflow/flows';
import { add, mul, ones, slice, sum, tensor2d, variable, type Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { expectAgreement } from './agree.ts';
import { expectGradientsAtZero } from './at-zero.ts';
import { boxOf, densities, grid, STEP, type Made } from './base-grid.ts';
import { logAbsDet, solveLinear } from './differences.ts';
import { sizeFrom } from './drawn-anew.ts';
import { rounding } from './rounding.ts';
import { expectPresentParameters } from './same-tensors.ts';
import { shiftParameters } from './shifted.ts';
import { moments } from './statistics.ts';

/** Returns the gradients of the log-density at points. */
const gradientsAt = (density: BaseDistribution, points: readonly (readonly number[])[]): number[][] => {
  const z = tensor2d(points.map((point) => [...point]));
  return vjpByTape(() => density.logProb(z), [z], ones([points.length])).gradients[0]!.arraySync() as number[][];
};

/** Number of draws for the ratio of densities in high dimensions. */
const DRAWS = 4000;
/**
 * Number of draws for the gradient of the log-density. The standard error of a mean is then 0.6 percent for normal
 * draws, so that draws that are 2 percent too wide in one entry are found with a probability of 95 percent.
 */
const SLOPES = 60_000;
/** Width of the comparison density, relative to the density at its steepest. Below 1, the ratio is bounded. */
const NARROW = 0.8;

/**
 * Checks draws and density against each other in `dim` dimensions, with two identities for draws `z` of a density `p`:
 * the mean of `q(z) / p(z)` is 1 for every density `q`, and the mean of `-z_j d log p / dz_j` is 1.
 *
 * @remarks `q` is a normal density at a peak of `p`, with the curvature of `p` there. If the curvature is singular, as
 * at the peak of a Laplace density, `q` has the mean and the covariance of the draws.
 */
export const expectWide = (base: Made, dim: number): void =>
  scoped(() => {
    const density = base(dim);
    const many = density.sample(key(90), SLOPES).arraySync() as number[][];
    const slopes = gradientsAt(density, many);
    // Stein's identity: the mean of f'(z) + f(z) d log p / dz is zero, here for f(z) = z_j.
    const { mean, standardError } = moments(many.map((point, i) => point.map((entry, j) => -entry * slopes[i]![j]!)));
    for (const [j, found] of mean.entries())
      expect(Math.abs(found - 1), `entry ${j} of ${dim}: mean of -z d log p / dz over the draws, minus 1`).toBeLessThan(
        5 * standardError[j]! + 1e-5,
      );

    const points = many.slice(0, DRAWS);
    const logs = density.logProb(tensor2d(points)).dataSync();
    const top = points[logs.indexOf(Math.max(...logs))]!;
    const { center, curvature } = peakOf(density, top, points);
    const ratios = points.map((point, i) => {
      const gap = point.map((entry, j) => (entry - center[j]!) / NARROW);
      const bent = curvature.map((row) => row.reduce((sum, entry, j) => sum + entry * gap[j]!, 0));
      const square = gap.reduce((sum, entry, j) => sum + entry * bent[j]!, 0);
      const logQ = -0.5 * square + 0.5 * logAbsDet(curvature) - dim * Math.log(NARROW * Math.sqrt(2 * Math.PI));
      return [Math.exp(logQ - logs[i]!)];
    });
    const ratio = moments(ratios);
    expect(
      Math.abs(ratio.mean[0]! - 1),
      `${dim} dimensions: mean of q / p over the draws, minus 1, for a normal density q`,
    ).toBeLessThan(5 * ratio.standardError[0]!);
  });

/** The center of a normal density, and the inverse of its covariance. */
interface Peak {
  readonly center: readonly number[];
  readonly curvature: readonly (readonly number[])[];
}

/** Smallest pivot of a curvature that is not singular, where a normal density has pivots of 1. */
const FLAT = 0.05;

/** Returns a normal density at the peak of a density, or with the moments of draws if the curvature is singular. */
const peakOf = (density: BaseDistribution, top: readonly number[], draws: readonly (readonly number[])[]): Peak => {
  const { mean } = moments(draws);
  const covariance = top.map((_, j) =>
    top.map(
      (_entry, k) =>
        draws.reduce((sum, draw) => sum + (draw[j]! - mean[j]!) * (draw[k]! - mean[k]!), 0) / (draws.length - 1),
    ),
  );
  const curvature = curvatureAt(density, top);
  const scaled = curvature.map((row, j) =>
    row.map((entry, k) => entry * Math.sqrt(covariance[j]![j]! * covariance[k]![k]!)),
  );
  if (pivots(scaled).every((pivot) => pivot > FLAT)) {
    // A step of Newton's method leads close to the peak.
    const step = solveLinear(curvature, gradientsAt(density, [top])[0]!);
    return { center: top.map((entry, j) => entry + step[j]!), curvature };
  }
  const inverse = top.map((_, j) =>
    solveLinear(
      covariance,
      top.map((_entry, k) => (j === k ? 1 : 0)),
    ),
  );
  return { center: mean, curvature: inverse };
};

/** Returns the pivots of a symmetric matrix, which are all positive if the matrix is positive definite. */
const pivots = (matrix: readonly (readonly number[])[]): number[] => {
  const rows = matrix.map((row) => [...row]);
  return rows.map((row, k) => {
    const pivot = row[k]!;
    for (const below of rows.slice(k + 1)) {
      const factor = below[k]! / pivot;
      row.forEach((entry, j) => (below[j]! -= factor * entry));
    }
    return pivot;
  });
};

/** Returns the negative second derivatives of the log-density at a point, by differences of gradients. */
const curvatureAt = (density: BaseDistribution, point: readonly number[]): number[][] => {
  const moved = [-1, 1].map((sign) =>
    point.map((_, k) => point.map((entry, j) => entry + (j === k ? sign * NEAR : 0))),
  );
  const [low, high] = moved.map((points) => gradientsAt(density, points)) as [number[][], number[][]];
  const raw = low.map((row, k) => row.map((entry, j) => (entry - high[k]![j]!) / (2 * NEAR)));
  return raw.map((row, k) => row.map((entry, j) => (entry + raw[j]![k]!) / 2));
};
/** Step of the differences of gradients. */
const NEAR = 0.01;

/** Number of draws whose tails are counted. */
const TAIL_DRAWS = 40_000;

/**
 * Checks that as many draws in one dimension have a low density as the integral of the density says.
 *
 * @remarks A count of draws has a Poisson distribution. Its square root has a standard deviation of about 1/2, so the
 * bound of 2.5 is five standard deviations.
 */
export const expectTails = (base: Made): void =>
  scoped(() => {
    const { points, volume } = grid(boxOf(base, 1), [STEP / 10]);
    const cells = densities(base, 1, points).toSorted((a, b) => a - b);
    const drawn = base(1).sample(key(91), TAIL_DRAWS);
    // Clipped draws repeat the largest or the smallest draw. By chance, two draws far from zero are hardly ever equal.
    const numbers = Array.from(drawn.dataSync());
    for (const most of [numbers.reduce((a, b) => Math.max(a, b)), numbers.reduce((a, b) => Math.min(a, b))])
      expect(numbers.filter((entry) => entry === most).length, `number of draws that are ${most}`).toBeLessThan(3);
    const found = Float64Array.from(base(1).logProb(drawn).dataSync(), Math.exp).toSorted();
    for (const wanted of [8, 40, 400]) {
      let [mass, i] = [0, 0];
      while (i < cells.length - 1 && mass < wanted / TAIL_DRAWS) mass += cells[i++]! * volume;
      const level = cells[i]!;
      // A density without tails, such as the uniform density, has no draws below its lowest level.
      if (!(level > 0) || level === cells.at(-1)) continue;
      const count = found.filter((density) => density < level).length;
      expect(
        Math.abs(Math.sqrt(count) - Math.sqrt(mass * TAIL_DRAWS)),
        `${count} of ${TAIL_DRAWS} draws have a density below ${level}, and ${mass * TAIL_DRAWS} are expected: ` +
          'difference of the square roots',
      ).toBeLessThan(2.5);
    }
  });

/** Checks that half the temperature halves the distances of neighboring draws, also if the temperature is small. */
export const expectColdDraws = (base: Made): void => {
  const spacing = (temperature: number): number =>
    scoped(() => {
      const points = base(2).sample(key(92), NEIGHBORS, temperature).arraySync() as number[][];
      const nearest = points.map((point, i) =>
        Math.min(
          ...points.map((other, j) => (i === j ? Infinity : Math.hypot(point[0]! - other[0]!, point[1]! - other[1]!))),
        ),
      );
      return nearest.toSorted((a, b) => a - b)[NEIGHBORS >> 1]!;
    });
  const spacings = [0.4, 0.2, 0.1, 0.05, 0.025].map(spacing);
  for (const [i, wide] of spacings.slice(0, -1).entries())
    expect(
      spacings[i + 1]! / wide,
      `median distance to the nearest draw at temperature ${0.4 / 2 ** (i + 1)} divided by that at ${0.4 / 2 ** i}`,
    ).toBeLessThan(0.8);
};
/** Number of draws whose distances are compared. The median distance varies by about six percent from key to key. */
const NEIGHBORS = 300;

/** Checks that parts of a batch of random size have the draws and the log-densities of the whole batch. */
export const expectDrawnSizes = (base: Made, k: Key): void =>
  scoped(() => {
    const [dim, rows] = [sizeFrom(fold(k, 1), 1, 24), sizeFrom(fold(k, 2), 2, 60)];
    const density = base(dim);
    const z = density.sample(fold(k, 3), rows);
    const logs = density.logProb(z);
    const what = `${rows} rows in ${dim} dimensions`;
    expect([z.shape, logs.shape], what).toEqual([[rows, dim], [rows]]);
    expect(Array.from(logs.dataSync()).every(Number.isFinite), `${what}: finite log-densities`).toBe(true);
    const cut = Math.ceil(rows / 3);
    const [rest, whole] = [density.logProb(slice(z, [cut, 0])).dataSync(), logs.dataSync()];
    expectAgreement(
      rest.map((log, i) => log / (1 + Math.abs(whole[cut + i]!))),
      Array.from(whole.slice(cut), (log) => log / (1 + Math.abs(log))),
      { what: `log-densities of the rows from row ${cut} on, of ${what}`, tolerance: rounding(dim ** 2) },
    );
    expectAgreement(density.sample(fromRow(fold(k, 3), cut), rows - cut).dataSync(), z.dataSync().slice(cut * dim), {
      what: `draws of the rows from row ${cut} on, of ${what}`,
      width: dim,
    });
  });

/** Checks that log-densities of the same tensor follow a change of the parameters. */
export const expectParametersFollowed = (base: Made): void =>
  scoped(() => {
    const density = base(3);
    const z = density.sample(key(94), 5);
    expectPresentParameters(
      (use) => ({ 'the log-density': density.logProb(use(z)) }),
      () => {
        shiftParameters(density.parameters, 0.2);
      },
    );
  });

/** Checks the gradients of the log-density at points with entries of zero. */
export const expectFineGradientsAtZero = (base: Made): void =>
  scoped(() => {
    const density = base(3);
    expectGradientsAtZero('logProb', (entry) => {
      const z = variable(
        tensor2d([
          [entry, 0.4, -0.7],
          [entry, entry, entry],
        ]),
      );
      // A uniform density does not depend on the point; the sum gives the point a gradient of zero.
      const loss = (): Tensor => add(sum(density.logProb(z)), mul(0, sum(z)));
      const { gradients } = valueAndGradients(loss, { ...density.parameters, z });
      z.dispose();
      // TensorFlow.js returns no gradient for a variable that does not affect the loss.
      return Object.fromEntries(
        Object.entries<Tensor | undefined>(gradients).map(([name, of]) => [name, of?.dataSync() ?? []]),
      );
    });
  });

/** Number of calls of one instance. */
const CALLS = 45;

/** Checks that draws and log-densities are the same after many calls. */
export const expectSameAfterMany = (base: Made): void =>
  scoped(() => {
    const density = base(2);
    const call = (): readonly (readonly number[])[] => {
      const z = density.sample(key(93), 3);
      return [Array.from(z.dataSync()), Array.from(density.logProb(z).dataSync())];
    };
    const first = call();
    for (let i = 2; i < CALLS; i++) call();
    const last = call();
    expectAgreement(last[0]!, first[0]!, { what: `draws of call ${CALLS}`, width: 2 });
    expectAgreement(last[1]!, first[1]!, { what: `log-densities of call ${CALLS}` });
  });
