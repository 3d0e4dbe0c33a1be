import { cpu } from '@impflow/backend-cpu';
import { fold, key, scoped, type Contraction, type Key } from '@impflow/core';
import { geometric, poisson, type Distribution } from '@impflow/logdet';
import { hutchPlusPlus, type HutchPlusPlusOptions } from '@impflow/logdet-hutch-plus-plus';
import {
  moments,
  onBackend,
  ripple,
  rippleLogDet,
  rippleLogDetGradient,
  ripplePoints,
  zScores,
  type Moments,
} from '@impflow/testkit';
import { mul, tidy, tile, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

onBackend(cpu());

const ESTIMATES = 20_000;
const SLOPE = 0.6;
const DIM = 3;
// The weight is a rotation combined with a reflection, and the point is near the origin. Near the origin, the traces of
// all powers of J contribute, and all directions contribute equally.
const WEIGHT = [-0.8, -0.6, 0, 0.6, -0.8, 0, 0, 0, -1];
const point = (): Tensor => mul(ripplePoints([DIM], 1), 0.3);

const waves = (rows: number, weight: readonly number[]): Contraction => {
  const g = ripple({ event: [DIM], slope: SLOPE, weight, rows });
  g.parameters['bias']!.assign(mul(g.parameters['bias']!, 0.3));
  return g;
};

/**
 * Draws independent estimates of log-determinant and gradient at one point. Entry 0 is the log-determinant; the
 * following entries are the derivatives with respect to weight, bias and point. Estimates with equal numbers of terms
 * are computed as the rows of one call. Each row has its own sketch, probes and copy of the parameters.
 */
const observe = (
  distribution: Distribution,
  options: HutchPlusPlusOptions,
  weight: readonly number[],
  k: Key,
): Moments => {
  const counts = new Map<number, number>();
  for (let i = 0; i < ESTIMATES; i++) {
    const n = distribution.sample(fold(fold(k, 0), i));
    counts.set(n, (counts.get(n) ?? 0) + 1);
  }
  return moments(
    [...counts].flatMap(([n, rows]) =>
      scoped(() => {
        const g = waves(rows, weight);
        const method = hutchPlusPlus({ ...options, distribution: { ...distribution, sample: () => n } });
        const at = g.linearize(tile(point(), [rows, 1]));
        const { logDet, pair } = method.estimate(at, fold(fold(k, 1), n));
        const { weights, x } = at.pullback({ pair });
        const logDets = logDet.dataSync();
        // The gradients with respect to weight, bias and point.
        const parts = [...g.trained(weights), x].map((gradient) => gradient.dataSync());
        at.dispose();
        for (const own of Object.values(g.parameters)) own.dispose();
        return Array.from({ length: rows }, (_, i) =>
          Float64Array.from([
            logDets[i]!,
            ...parts.flatMap((part) =>
              Array.from(part.subarray((i * part.length) / rows, ((i + 1) * part.length) / rows)),
            ),
          ]),
        );
      }),
    ),
  );
};

/** Returns the exact log-determinant and gradient in float64, by elimination and central differences. */
const truth = (matrix: readonly number[]): readonly number[] =>
  tidy(() => {
    const {
      parameters: { weight, bias },
    } = waves(1, matrix);
    const at = [weight!.dataSync(), bias!.dataSync(), point().dataSync()] as const;
    const gradient = rippleLogDetGradient(SLOPE, ...at);
    return [rippleLogDet(SLOPE, ...at), ...gradient.weight, ...gradient.bias, ...gradient.x];
  });

const furthest = (zs: readonly number[]): number => Math.max(...zs.map(Math.abs));

// For a correct estimator, |z| exceeds 4 with probability 1 in 16,000. For one choice of keys in 250, at least one of
// the 64 z-scores exceeds 4. The keys of the test are fixed.
const LIMIT = 4;

describe('the mean of 20,000 independent estimates is the log-determinant and its gradient', () => {
  it.each([
    ['geometric, one direction and one probe', geometric(), { sketch: 1, probes: 1 }, 41],
    ['geometric, no exact terms', geometric({ p: 0.3 }), { sketch: 1, probes: 2, exactTerms: 0 }, 42],
    ['Poisson', poisson(), { sketch: 2, probes: 1 }, 43],
  ] as const)('%s', (_name, distribution, options, seed) => {
    expect(furthest(zScores(observe(distribution, options, WEIGHT, key(seed)), truth(WEIGHT)))).toBeLessThan(LIMIT);
  });

  it('the mean is correct if the Jacobian has rank one, so that two directions of the sketch coincide', () => {
    const outer = [0.48, 0.36, 0, 0.64, 0.48, 0, 0, 0, 0];
    const { mean, standardError } = observe(geometric(), { sketch: 2, probes: 1 }, outer, key(44));
    // Some derivatives are zero and have only rounding errors as noise. Therefore the limit has an absolute term.
    truth(outer).forEach((expected, i) =>
      expect(Math.abs(mean[i]! - expected)).toBeLessThan(LIMIT * standardError[i]! + 1e-6),
    );
  });

  it('the test detects a wrong weight of the terms', () => {
    const unweighted: Distribution = { ...geometric(), survival: () => 1 };
    expect(
      furthest(zScores(observe(unweighted, { sketch: 1, probes: 1 }, WEIGHT, key(45)), truth(WEIGHT))),
    ).toBeGreaterThan(3 * LIMIT);
  });
});
