import { wasm } from '@impflow/backend-wasm';
import { fold, key, scoped, type Contraction, type Key } from '@impflow/core';
import { geometric, poisson, russianRoulette, type Distribution, type RussianRouletteOptions } from '@impflow/logdet';
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
import { estimated } from './at.ts';

onBackend(wasm());

const ESTIMATES = 20_000;
const SLOPE = 0.6;
const DIM = 3;
// The weight is a rotation and a reflection, and the point is near the origin, so that the traces of all powers of J
// contribute.
const WEIGHT = [-0.8, -0.6, 0, 0.6, -0.8, 0, 0, 0, -1];
const point = (): Tensor => mul(ripplePoints([DIM], 1), 0.3);

const waves = (rows: number): Contraction => {
  const g = ripple({ event: [DIM], slope: SLOPE, weight: WEIGHT, rows });
  g.parameters['bias']!.assign(mul(g.parameters['bias']!, 0.3));
  return g;
};

/**
 * Returns the moments of independent estimates of log-determinant and gradient at one point. Entry 0 is the
 * log-determinant; the following entries are the derivatives with respect to weight, bias and point. Each estimate
 * draws a new number of terms and a new probe. Estimates with equal numbers of terms are computed in one call, on a
 * batch that repeats the point in each row. Each row has its own copy of the parameters.
 */
const observe = (distribution: Distribution, options: RussianRouletteOptions, k: Key): Moments => {
  const counts = new Map<number, number>();
  for (let i = 0; i < ESTIMATES; i++) {
    const n = distribution.sample(fold(fold(k, 0), i));
    counts.set(n, (counts.get(n) ?? 0) + 1);
  }
  return moments(
    [...counts].flatMap(([n, rows]) =>
      scoped(() => {
        const g = waves(rows);
        const x = tile(point(), [rows, 1]);
        const method = russianRoulette({ ...options, distribution: { ...distribution, sample: () => n } });
        const { logDet: logDets, gradients } = estimated(g, x, (lin) => method.estimate(lin, fold(fold(k, 1), n)));
        const parts = ['weight', 'bias', 'x'].map((name) => gradients[name]!);
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
const truth = (): readonly number[] =>
  tidy(() => {
    const {
      parameters: { weight, bias },
    } = waves(1);
    const at = [weight!.dataSync(), bias!.dataSync(), point().dataSync()] as const;
    const gradient = rippleLogDetGradient(SLOPE, ...at);
    return [rippleLogDet(SLOPE, ...at), ...gradient.weight, ...gradient.bias, ...gradient.x];
  });

const furthest = (zs: readonly number[]): number => Math.max(...zs.map(Math.abs));

// For a correct estimator, |z| exceeds 4 with probability 1 in 16,000. There are 160 z-scores, so one of them would
// exceed 4 for one choice of keys in 100. The keys of the test are fixed.
const LIMIT = 4;

describe.each([
  ['geometric', geometric()],
  ['geometric, p = 0.3', geometric({ p: 0.3 })],
  ['Poisson', poisson()],
  ['Poisson, lambda = 3', poisson({ lambda: 3 })],
] as const)('%s', (_name, distribution) => {
  it.each(['neumann', 'series'] as const)(
    'the mean of 20,000 independent estimates is the log-determinant and its gradient (%s)',
    (gradient) => {
      expect(furthest(zScores(observe(distribution, { gradient }, key(31)), truth()))).toBeLessThan(LIMIT);
    },
  );
});

describe('the test of unbiasedness', () => {
  it('the estimates are unbiased without exact terms, and with several Gaussian probes', () => {
    expect(furthest(zScores(observe(geometric(), { exactTerms: 0 }, key(32)), truth()))).toBeLessThan(LIMIT);
    expect(
      furthest(zScores(observe(poisson(), { exactTerms: 1, probes: 2, probe: 'gaussian' }, key(33)), truth())),
    ).toBeLessThan(LIMIT);
  });

  it('the test of unbiasedness detects a wrong weight', () => {
    const unweighted: Distribution = { ...geometric(), survival: () => 1 };
    const shifted: Distribution = { ...poisson(), survival: (m) => poisson().survival(m - 1) };
    expect(furthest(zScores(observe(unweighted, {}, key(34)), truth()))).toBeGreaterThan(3 * LIMIT);
    expect(furthest(zScores(observe(shifted, {}, key(35)), truth()))).toBeGreaterThan(3 * LIMIT);
  });
});

describe('the survival probabilities of the number of terms', () => {
  it.each([
    ['geometric', geometric({ p: 0.3 })],
    ['poisson', poisson({ lambda: 2.5 })],
  ] as const)('the survival probabilities match the frequencies of %s draws', (_name, distribution) => {
    const draws = Array.from({ length: ESTIMATES }, (_, i) => distribution.sample(fold(key(36), i)));
    for (let m = 0; m < 9; m++) {
      const chance = distribution.survival(m);
      const seen = draws.filter((n) => n >= m).length / ESTIMATES;
      expect(Math.abs(seen - chance)).toBeLessThanOrEqual(LIMIT * Math.sqrt((chance * (1 - chance)) / ESTIMATES));
    }
  });

  it('the survival probabilities agree with the closed form', () => {
    expect(geometric().survival(1)).toBe(1);
    expect(geometric().survival(6)).toBeCloseTo(2 ** -5, 14);
    expect(poisson().survival(0)).toBe(1);
    expect(poisson().survival(1)).toBeCloseTo(1 - Math.exp(-2), 14);
    expect(poisson().survival(3)).toBeCloseTo(1 - 5 * Math.exp(-2), 14);
    // The value is exp(-2) 2^40 / 40! times (1 + 2 / 41 + 4 / (41 42) + ..). The formula 1 - P(N < 40) would give zero.
    expect(poisson().survival(40) / 1.82375e-37).toBeCloseTo(1.0512, 3);
  });
});
