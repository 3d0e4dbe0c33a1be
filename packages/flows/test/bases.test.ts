import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { fold, key, drawNormal, normals, valueAndGradients } from '@impflow/core';
import {
  mixtureBase,
  normalBase,
  studentTBase,
  uniformBase,
  type BaseDistribution,
  type MixtureCovariance,
} from '@impflow/flows';
import { derivative, onBackend } from '@impflow/testkit';
import {
  add,
  mul,
  square,
  sum,
  tensor,
  tensor1d,
  tensor2d,
  tidy,
  variable,
  type Variable,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { some } from '../../testkit/private/extent.mjs';
import { logGamma } from '../src/base-student-t.ts';

/** Returns a mixture whose weights, widths and centers all differ. */
const uneven = (dim: number, covariance: MixtureCovariance = 'diagonal'): BaseDistribution => {
  const base = mixtureBase({ dim, components: 3, covariance, key: key(1) });
  const own = covariance === 'tied' ? 1 : 3;
  tidy(() => {
    base.parameters['logScale']!.assign(
      tensor(
        Float32Array.from(normals(key(2), own * dim), (z) => 0.3 * z),
        [own, dim],
      ),
    );
    base.parameters['logits']!.assign(tensor([0.5, -1, 0.8]));
    base.parameters['lower']?.assign(
      tensor(
        Float32Array.from(normals(key(12), own * dim * dim), (z) => 0.7 * z),
        [own, dim, dim],
      ),
    );
  });
  return base;
};
const makers: readonly (readonly [string, (dim: number) => BaseDistribution])[] = [
  ['normal', (dim) => normalBase({ dim })],
  ['uniform', (dim) => uniformBase({ dim })],
  ['studentT', (dim) => studentTBase({ dim, dof: 10 })],
  ['mixture', (dim) => uneven(dim)],
  ['mixture with full covariances', (dim) => uneven(dim, 'full')],
  ['mixture with a tied covariance', (dim) => uneven(dim, 'tied')],
];

const density = (base: BaseDistribution, points: readonly (readonly number[])[]): number[] =>
  tidy(() => Array.from(base.logProb(tensor2d(points.map((point) => [...point]))).dataSync(), Math.exp));

const HALF = 9;
const STEP = 0.1;
/**
 * Midpoints of the intervals of width STEP in [-HALF, HALF]. The edges of the 25 cells and of the unit cube lie between
 * the midpoints.
 */
const middles = Array.from({ length: (2 * HALF) / STEP }, (_, i) => -HALF + (i + 0.5) * STEP);
const cell = (x: number): number => [-1.5, -0.5, 0.5, 1.5].filter((edge) => x > edge).length;

describe.each(some([cpu(), wasm()]))('on $name', (adapter) => {
  onBackend(adapter);

  describe.each(makers)('%s', (_base, make) => {
    it('the density of a base has integral 1 in one and in two dimensions', () => {
      expect(
        density(
          make(1),
          middles.map((x) => [x]),
        ).reduce((total, p) => total + p * STEP, 0),
      ).toBeCloseTo(1, 3);
      expect(
        density(
          make(2),
          middles.flatMap((x) => middles.map((y) => [x, y])),
        ).reduce((total, p) => total + p * STEP ** 2, 0),
      ).toBeCloseTo(1, 3);
    });

    it('samples of a base agree with its density in a chi-squared test on 25 cells of the plane', () => {
      const base = make(2);
      const points = middles.flatMap((x) => middles.map((y) => [x, y]));
      const expected = new Float64Array(25);
      density(base, points).forEach((p, i) => {
        expected[5 * cell(points[i]![0]!) + cell(points[i]![1]!)]! += p * STEP ** 2;
      });
      const rows = 20_000;
      const counts = new Float64Array(25);
      const draws = tidy(() => base.sample(key(3), rows).dataSync());
      for (let i = 0; i < rows; i++) counts[5 * cell(draws[2 * i]!) + cell(draws[2 * i + 1]!)]! += 1;
      const possible = [...expected.keys()].filter((i) => expected[i]! > 1e-6);
      expect(counts.reduce((total, count, i) => total + (possible.includes(i) ? 0 : count), 0)).toBe(0);
      const statistic = possible.reduce(
        (total, i) => total + (counts[i]! - rows * expected[i]!) ** 2 / (rows * expected[i]!),
        0,
      );
      // Wilson and Hilferty's approximation of the 0.999 quantile. If the samples are correct, the statistic exceeds
      // the quantile for one key in 1,000. The key of this test is fixed.
      const freedom = possible.length - 1;
      expect(statistic).toBeLessThan(freedom * (1 - 2 / (9 * freedom) + 3.09 * Math.sqrt(2 / (9 * freedom))) ** 3);
    });

    it('samples of a base are nearer to the center at a lower temperature', () =>
      tidy(() => {
        const base = make(2);
        const [cold, warm] = [0, 1].map(
          (temperature) => base.sample(key(4), 50, temperature).arraySync() as number[][],
        );
        const half = base.sample(key(4), 50, 0.5).arraySync() as number[][];
        half.forEach((row, i) =>
          row.forEach((value, k) => expect(value).toBeCloseTo((cold![i]![k]! + warm![i]![k]!) / 2, 4)),
        );
        const centres = base.name === 'mixture' ? (base.parameters['centre']!.arraySync() as number[][]) : [[0, 0]];
        for (const row of cold!)
          expect(
            Math.min(...centres.map((centre) => Math.hypot(row[0]! - centre[0]!, row[1]! - centre[1]!))),
          ).toBeLessThan(1e-6);
      }));

    it('equal keys give equal samples, and different keys give different samples', () =>
      tidy(() => {
        const base = make(3);
        expect(base.sample(key(5), 10).dataSync()).toEqual(base.sample(key(5), 10).dataSync());
        expect(base.sample(key(5), 10).dataSync()).not.toEqual(base.sample(key(6), 10).dataSync());
      }));
  });

  it.each(['diagonal', 'full', 'tied'] as const)(
    'the gradients of a %s mixture agree with finite differences',
    (covariance) =>
      tidy(() => {
        const base = uneven(2, covariance);
        const z = variable(drawNormal(key(7), [6, 2]));
        const weights = tensor(Float32Array.from(normals(key(8), 6)));
        const loss = () => sum(mul(weights, base.logProb(z)));
        const targets: Record<string, Variable> = { ...base.parameters, z };
        const { gradients } = valueAndGradients(loss, targets);
        for (const [name, target] of Object.entries(targets)) {
          const entries = Float32Array.from(target.dataSync());
          gradients[name]!.dataSync().forEach((gradient, i) => {
            const difference = derivative(
              (shift) =>
                tidy(() => {
                  target.assign(tensor(entries.with(i, entries[i]! + shift), target.shape));
                  return loss().dataSync()[0]!;
                }),
              0.02,
            );
            target.assign(tensor(entries, target.shape));
            expect(Math.abs(gradient - difference), `${name}[${i}]`).toBeLessThan(
              2e-3 * Math.max(1, Math.abs(difference)),
            );
          });
        }
      }),
  );

  it('the log-density of a row is not finite if the row contains NaN or 1e30, or lies outside the cube of `uniformBase`', () =>
    tidy(() => {
      for (const [, make] of makers) {
        const values = make(2)
          .logProb(
            tensor2d([
              [0.1, 0.2],
              [Number.NaN, 0],
              [1e30, 0],
            ]),
          )
          .dataSync();
        expect(Number.isFinite(values[0])).toBe(true);
        expect(Number.isFinite(values[1])).toBe(false);
        expect(Number.isFinite(values[2])).toBe(false);
      }
      expect(
        uniformBase({ dim: 2 })
          .logProb(tensor2d([[0, 1.01]]))
          .dataSync()[0],
      ).toBe(Number.NEGATIVE_INFINITY);
    }));

  it('every base density except the uniform density has a log-density with a gradient', () =>
    tidy(() => {
      const shift = variable(tensor1d([0.1, -0.2]));
      for (const [name, make] of makers) {
        const { gradients } = valueAndGradients(
          () => sum(add(make(2).logProb(add(tensor2d([[0.1, 0.2]]), shift)), sum(square(shift)))),
          { shift },
        );
        const [a, b] = gradients['shift']!.dataSync();
        // Without a gradient of the log-density, the result is the gradient of the squares alone: 2 shift.
        const flat = Math.abs(a! - 0.2) < 1e-6 && Math.abs(b! + 0.4) < 1e-6;
        expect(flat, name).toBe(name === 'uniform');
      }
      shift.dispose();
    }));
});

describe('`logGamma`', () => {
  it('`logGamma` agrees with known values', () => {
    const known = [
      [1, 0],
      [2, 0],
      [5, Math.log(24)],
      [0.5, Math.log(Math.PI) / 2],
      [10.5, 13.940625219403763],
      [100, 359.1342053695754],
      [0.1, 2.2527126517342055],
    ] as const;
    for (const [x, expected] of known)
      expect(Math.abs(logGamma(x) - expected)).toBeLessThan(1e-12 * Math.max(1, Math.abs(expected)) * 10);
  });

  it('`logGamma` satisfies the duplication formula', () => {
    for (let i = 0; i < 50; i++) {
      const x = 0.05 + 20 * Math.abs(normals(fold(key(9), i), 1)[0]!);
      const doubled = (1 - 2 * x) * Math.LN2 + Math.log(Math.PI) / 2 + logGamma(2 * x);
      expect(Math.abs(logGamma(x) + logGamma(x + 0.5) - doubled)).toBeLessThan(1e-11 * Math.max(1, Math.abs(doubled)));
    }
  });
});

describe('wrong options of base densities', () => {
  it.each([
    [
      'no components',
      () => mixtureBase({ dim: 2, components: 0, key: key(0) }),
      /Wrong number of components: expected a positive integer, got 0/,
    ],
    [
      'no degrees of freedom',
      () => studentTBase({ dim: 2, dof: 0 }),
      /Wrong degrees of freedom: expected a positive number, got 0/,
    ],
  ] as const)('%s', (_name, make, message) => {
    expect(make).toThrow(
      expect.objectContaining({ code: 'option', message: expect.stringMatching(message) as string }) as Error,
    );
  });
});
