import { readFileSync } from 'node:fs';
import { wasm } from '@impflow/backend-wasm';
import { fold, key, normals, uniforms } from '@impflow/core';
import {
  assignMixture,
  buildFlow,
  chooseMixture,
  fitMixture,
  mixtureBase,
  mixtureLogProbs,
  normalBase,
  tabularPreset,
  type MixtureCovariance,
  type MixtureFit,
  type MixtureModel,
} from '@impflow/flows';
import { onBackend } from '@impflow/testkit';
import { tensor, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

/** Written by tools/mixture/make-fixtures.py. */
interface Fixture {
  readonly ridge: number;
  readonly rows: readonly number[];
  readonly points: readonly number[];
  readonly cases: readonly {
    readonly covariance: MixtureCovariance;
    readonly steps: number;
    readonly weights: readonly number[];
    readonly means: readonly number[];
    readonly precisions: readonly number[];
    readonly logLikelihood: number;
    readonly logProbs: readonly number[];
  }[];
}
const fixture = JSON.parse(readFileSync(new URL('fixtures/mixture.json', import.meta.url), 'utf8')) as Fixture;

const KINDS = ['full', 'tied', 'diagonal'] as const;
const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce(
    (most, value, i) => Math.max(most, Math.abs(value - b[i]!) / Math.max(1, Math.abs(b[i]!))),
    0,
  );
};

/** Returns `A^T A` of each factor `A`: the precisions, in the layout of scikit-learn. */
const precisionsOf = ({ dim: d, covariance, factors }: MixtureModel): readonly number[] =>
  covariance === 'diagonal'
    ? Array.from(factors, (factor) => factor ** 2)
    : Array.from(factors, (_, at) => {
        const [begin, i, j] = [at - (at % (d * d)), Math.floor(at / d) % d, at % d];
        let sum = 0;
        for (let k = 0; k < d; k++) sum += factors[begin + k * d + i]! * factors[begin + k * d + j]!;
        return sum;
      });

/** Draws rows of clusters around `centres`. The clusters are narrow along one direction. */
const clusters = (
  seed: number,
  count: number,
  centres: readonly (readonly [number, number])[] = [
    [-3, 0],
    [3, 1],
    [0, 4],
  ],
): Float64Array => {
  const [u, noise] = [uniforms(fold(key(seed), 0), count), normals(fold(key(seed), 1), 2 * count)];
  return Float64Array.from({ length: 2 * count }, (_, at) => {
    const row = Math.floor(at / 2);
    const centre = centres[Math.floor(u[row]! * centres.length)]!;
    const [a, b] = [noise[2 * row]!, noise[2 * row + 1]!];
    return at % 2 === 0 ? centre[0] + a : centre[1] + 0.8 * a + 0.3 * b;
  });
};

describe('`fitMixture` agrees with scikit-learn', () => {
  it.each(fixture.cases.map((wanted) => [wanted.covariance, wanted.steps, wanted] as const))(
    '%s covariance: both fits agree after %i steps of EM from one initial mixture',
    (covariance, steps, wanted) => {
      const unit = [1, 0, 0, 0, 1, 0, 0, 0, 1];
      const start: MixtureModel = {
        dim: 3,
        components: 3,
        covariance,
        weights: Float64Array.of(0.5, 0.3, 0.2),
        means: Float64Array.of(0, 0, 0, 1, 0, -1, -1, 1, 1),
        factors: Float64Array.from(
          covariance === 'full' ? [...unit, ...unit, ...unit] : covariance === 'tied' ? unit : unit.map(() => 1),
        ),
      };
      const fit = fitMixture(fixture.rows, {
        dim: 3,
        components: 3,
        covariance,
        key: key(0),
        ridge: fixture.ridge,
        start,
        tolerance: 0,
        maxSteps: steps,
      });
      expect(fit.steps).toBe(steps);
      expect(distance(fit.weights, wanted.weights)).toBeLessThan(1e-6);
      expect(distance(fit.means, wanted.means)).toBeLessThan(1e-6);
      expect(distance(precisionsOf(fit), wanted.precisions)).toBeLessThan(1e-6);
      expect(Math.abs(fit.logLikelihood - wanted.logLikelihood)).toBeLessThan(1e-6);
      expect(distance(mixtureLogProbs(fit, fixture.points), wanted.logProbs)).toBeLessThan(1e-6);
    },
  );
});

describe('`fitMixture`', () => {
  it.each(KINDS)('no EM step decreases the likelihood: %s', (covariance) => {
    const rows = clusters(1, 300);
    const start = fitMixture(rows, { dim: 2, components: 4, covariance, key: key(2), restarts: 1, maxSteps: 1 });
    let last = -Infinity;
    for (let steps = 1; steps <= 12; steps++) {
      const { logLikelihood } = fitMixture(rows, {
        dim: 2,
        components: 4,
        covariance,
        key: key(2),
        start,
        tolerance: 0,
        maxSteps: steps,
      });
      expect(logLikelihood).toBeGreaterThan(last - 1e-6);
      last = logLikelihood;
    }
  });

  it('for separate clusters, the mean log-density of new rows is within 0.02 nats of the true value', () => {
    const fit = fitMixture(clusters(3, 6000), { dim: 2, components: 3, key: key(4) });
    expect(fit.converged).toBe(true);
    const centres = [
      [-3, 0],
      [3, 1],
      [0, 4],
    ];
    for (const centre of centres)
      expect(
        Math.min(
          ...[0, 1, 2].map((k) => Math.hypot(fit.means[2 * k]! - centre[0]!, fit.means[2 * k + 1]! - centre[1]!)),
        ),
      ).toBeLessThan(0.15);
    const fresh = clusters(5, 6000);
    // Each component has the covariance [[1, 0.8], [0.8, 0.73]], written as a factor of its inverse.
    const truth: MixtureModel = {
      dim: 2,
      components: 3,
      covariance: 'tied',
      weights: new Float64Array(3).fill(1 / 3),
      means: Float64Array.from(centres.flat()),
      factors: Float64Array.of(1, 0, -0.8 / 0.3, 1 / 0.3),
    };
    expect(mean(mixtureLogProbs(truth, fresh)) - mean(mixtureLogProbs(fit, fresh))).toBeLessThan(0.02);
  });

  it.each(KINDS)('the fit does not depend on the units of the columns: %s', (covariance) => {
    const rows = clusters(6, 400);
    const [scale, shift] = [
      [1000, 0.01],
      [-4e5, 3],
    ] as const;
    // Use one initialization, because rounding errors would decide between several initializations with equal
    // likelihoods.
    const options = { dim: 2, components: 3, covariance, key: key(7), restarts: 1 } as const;
    const fit = fitMixture(rows, options);
    const other = fitMixture(
      rows.map((value, at) => value * scale[at % 2]! + shift[at % 2]!),
      options,
    );
    expect(Math.abs(other.logLikelihood - (fit.logLikelihood - Math.log(1000) - Math.log(0.01)))).toBeLessThan(1e-6);
    expect(
      distance(
        other.means.map((value, at) => (value - shift[at % 2]!) / scale[at % 2]!),
        fit.means,
      ),
    ).toBeLessThan(1e-5);
  });

  it('a tied mixture equals a full mixture with the option `pooling` of 1', () => {
    const rows = clusters(8, 300);
    const options = { dim: 2, components: 3, key: key(9), tolerance: 1e-9, maxSteps: 500 } as const;
    expect(
      Math.abs(
        fitMixture(rows, { ...options, covariance: 'tied' }).logLikelihood -
          fitMixture(rows, { ...options, pooling: 1 }).logLikelihood,
      ),
    ).toBeLessThan(1e-5);
  });

  it.each(KINDS)('a row of weight 3 counts as three rows, and a row of weight 0 is ignored: %s', (covariance) => {
    const rows = clusters(12, 200);
    const counts = Array.from({ length: 200 }, (_, row) => row % 4);
    const copies = counts.flatMap((count, row) =>
      Array.from({ length: count }, () => [rows[2 * row]!, rows[2 * row + 1]!]).flat(),
    );
    const start = fitMixture(rows, { dim: 2, components: 3, covariance, key: key(13), maxSteps: 1 });
    const options = { dim: 2, components: 3, covariance, key: key(13), start, tolerance: 0, maxSteps: 10 } as const;
    const wanted = fitMixture(copies, options);
    // The factor 7 has no effect, because only the ratios of the weights matter.
    const found = fitMixture(rows, { ...options, weights: counts.map((count) => 7 * count) });
    for (const name of ['weights', 'means', 'factors'] as const)
      expect(distance(found[name], wanted[name])).toBeLessThan(1e-9);
    expect(Math.abs(found.logLikelihood - wanted.logLikelihood)).toBeLessThan(1e-9);
  });

  it('`fitMixture` accepts repeated rows', () => {
    const fit = fitMixture([...Array.from({ length: 40 }, () => [1, 2]).flat(), 0, 0, 3, 1], {
      dim: 2,
      components: 3,
      key: key(10),
    });
    expect(Number.isFinite(fit.logLikelihood)).toBe(true);
  });

  it('the density of a row with NaN is NaN, and the densities of other rows do not change', () => {
    const fit = fitMixture(clusters(1, 100), { dim: 2, components: 2, key: key(11) });
    const [bad, good, far] = mixtureLogProbs(fit, [Number.NaN, 0, 1, 1, 1e6, 0]);
    expect([Number.isNaN(bad), good, far! < -1e6]).toEqual([true, mixtureLogProbs(fit, [1, 1])[0], true]);
  });

  it.each([
    ['no components', {}, { components: 0 }, /Wrong components: expected a positive integer, got 0/],
    ['more components than rows', {}, { components: 9 }, /Too few rows: expected at least 9 for 9 components, got 4/],
    [
      'an unknown covariance',
      {},
      { covariance: 'round' as never },
      /Wrong covariance: expected one of full, diagonal, tied, got "round"/,
    ],
    ['shrinkage beyond one', {}, { shrinkage: 2 }, /Wrong shrinkage: expected a number in \[0, 1\], got 2/],
    [
      'weights of other rows',
      {},
      { weights: [1, 1, 1] },
      /Wrong weights: expected 4 finite numbers of at least 0, not all 0, got 3 numbers/,
    ],
    ['a negative weight', {}, { weights: [1, 1, -1, 1] }, /Wrong weights/],
    ['no weight above 0', {}, { weights: [0, 0, 0, 0] }, /Wrong weights/],
    ['no ridge', {}, { ridge: 0 }, /Wrong ridge: expected a positive number, got 0/],
    ['half a row', { rows: [1, 2, 3] }, {}, /Wrong number of values: expected a multiple of 2, got 3/],
    [
      'a constant column',
      { rows: [1, 5, 2, 5, 3, 5] },
      {},
      /No mixture fits column 1: expected finite numbers that differ, got variance 0/,
    ],
    ['a missing value', { rows: [1, 5, 2, Number.NaN, 3, 5] }, {}, /column 1.*got variance NaN/],
  ] as const)(
    '`fitMixture` refuses %s',
    (_name, { rows = [1, 2, 3, 1, 0, 5, 2, 2] }: { readonly rows?: readonly number[] }, more, message) => {
      expect(() => fitMixture(rows, { dim: 2, components: 1, key: key(0), ...more })).toThrow(message);
    },
  );
});

describe('`chooseMixture`', () => {
  it('`chooseMixture` finds the number of clusters, and a second call returns an equal mixture', () => {
    const options = { dim: 2, key: key(1), seconds: 1 } as const;
    for (const count of [400, 4000]) {
      const choice = chooseMixture(clusters(20, count), clusters(21, count / 4), options);
      expect(choice.by).toBe(count === 400 ? 'folds' : 'validation');
      expect([3, 5]).toContain(choice.mixture().components);
      expect(choice.mixture()).toEqual(chooseMixture(clusters(20, count), clusters(21, count / 4), options).mixture());
      const fresh = clusters(22, 4000);
      const single = fitMixture(clusters(20, count), { dim: 2, components: 1, key: key(2) });
      expect(mean(mixtureLogProbs(choice.mixture(), fresh))).toBeGreaterThan(
        mean(mixtureLogProbs(single, fresh)) + 0.3,
      );
    }
  });

  it('with few rows and many columns, the chosen mixture fits new rows better than a single Gaussian', () => {
    const [d, count] = [12, 40];
    const draw = (seed: number, rows: number): Float64Array => normals(key(seed), rows * d);
    const train = draw(30, count);
    const choice = chooseMixture(train, draw(31, 6), { dim: d, key: key(3), seconds: 1 });
    const fresh = draw(32, 4000);
    const gaussian = mean(mixtureLogProbs(fitMixture(train, { dim: d, components: 1, key: key(4) }), fresh));
    expect(mean(mixtureLogProbs(choice.mixture(), fresh))).toBeGreaterThan(gaussian + 1);
  });

  it('with few rows of weakly correlated columns, `chooseMixture` shrinks the covariance', () => {
    const [d, count] = [16, 200];
    // Three clusters. Each row has one random factor, which correlates its columns. The coefficients of the factor
    // depend on the cluster.
    const draw = (seed: number, rows: number): Float64Array => {
      const [noise, factors, u] = [
        normals(fold(key(seed), 0), rows * d),
        normals(fold(key(seed), 1), rows),
        uniforms(fold(key(seed), 2), rows),
      ];
      const [centres, loadings] = [normals(fold(key(50), 0), 3 * d), normals(fold(key(50), 1), 3 * d)];
      return noise.map((value, at) => {
        const [row, column] = [Math.floor(at / d), at % d];
        const cluster = Math.floor(3 * u[row]!);
        return 2 * centres[cluster * d + column]! + 0.6 * loadings[cluster * d + column]! * factors[row]! + 0.7 * value;
      });
    };
    const [train, fresh] = [draw(51, count), draw(52, 4000)];
    const choice = chooseMixture(train, draw(53, 30), { dim: d, key: key(3) });
    expect(choice.shrinkage).toBeGreaterThanOrEqual(0.25);
    expect(choice.ridge).toBe(1e-2);
    const held = mean(mixtureLogProbs(choice.mixture(), fresh));
    for (const covariance of ['full', 'diagonal'] as const) {
      for (const components of [1, 3, 5, 8])
        expect(held).toBeGreaterThan(
          mean(mixtureLogProbs(fitMixture(train, { dim: d, components, covariance, key: key(4) }), fresh)) + 0.1,
        );
    }
  });

  it.each([
    [400, 'folds'],
    [8000, 'validation'],
  ] as const)('for %i weighted rows, the mixture has the weighted probabilities of the clusters', (count, by) => {
    // Equal numbers of rows lie near 0 and near 8, but the weight of a row near 8 is 9 times the weight of a row near
    // 0.
    const draw = (seed: number, rows: number): Float64Array =>
      Float64Array.from(normals(key(seed), rows), (z, row) => z + (row % 2 === 0 ? 0 : 8));
    const weightsOf = (rows: number): Float64Array =>
      Float64Array.from({ length: rows }, (_, row) => (row % 2 === 0 ? 0.2 : 1.8));
    const choice = chooseMixture(draw(60, count), draw(61, count / 4), {
      dim: 1,
      key: key(1),
      seconds: 1,
      weights: { train: weightsOf(count), validation: weightsOf(count / 4) },
    });
    expect(choice.by).toBe(by);
    const [near, far] = mixtureLogProbs(choice.mixture(), [0, 8]);
    expect(Math.abs(far! - near! - Math.log(9))).toBeLessThan(0.3);
    // The entropy of the distribution: the entropy of the cluster probabilities plus the entropy of one cluster.
    const entropy = -0.1 * Math.log(0.1) - 0.9 * Math.log(0.9) + 0.5 * Math.log(2 * Math.PI * Math.E);
    expect(Math.abs(choice.logLikelihood + entropy)).toBeLessThan(0.15);
  });

  it('`chooseMixture` tries only the given choices, and tries only one component if the budget is too small', () => {
    const choose = (options: object): MixtureFit =>
      chooseMixture(clusters(20, 400), clusters(21, 100), { dim: 2, key: key(1), ...options }).mixture();
    expect(choose({ covariances: ['tied'] }).covariance).toBe('tied');
    expect(choose({ covariances: ['diagonal'], components: [4] })).toMatchObject({
      covariance: 'diagonal',
      components: 4,
    });
    // A mixture of one component is tried even if the budget is too small for it.
    expect(choose({ seconds: 1e-9 }).components).toBe(1);
  });

  it('`chooseMixture` accepts fewer rows than folds', () => {
    const choice = chooseMixture([0, 1, 2, 1, 1, 3], [1, 1], { dim: 2, key: key(1) });
    expect([choice.by, Number.isFinite(choice.logLikelihood)]).toEqual(['validation', true]);
  });

  it.each([
    ['no validation rows', [], {}, /No validation rows/],
    [
      'validation rows that are not numbers',
      [Number.NaN, 1],
      {},
      /No mixture fits the validation rows: expected finite log-densities/,
    ],
    [
      'no kinds of covariance',
      [1, 1],
      { covariances: [] },
      /No choices of components or covariance: expected .*got components \[1, 2.*covariances \[\]/,
    ],
    [
      'no numbers of components',
      [1, 1],
      { components: [] },
      /No choices of components or covariance: .*got components \[\]/,
    ],
  ] as const)('`chooseMixture` refuses %s', (_name, validation: readonly number[], more, message) => {
    expect(() => chooseMixture(clusters(1, 2000), validation, { dim: 2, key: key(0), ...more })).toThrow(message);
  });
});

describe('`assignMixture`', () => {
  onBackend(wasm());
  const fitted = (covariance: MixtureCovariance): MixtureFit =>
    fitMixture(clusters(40, 800), { dim: 2, components: 3, covariance, key: key(5) });
  const points = clusters(41, 200);
  const rowsOf = (values: ArrayLike<number>): Float32Array => Float32Array.from(values);

  it.each(KINDS)('after `assignMixture`, the log-densities of the base agree with the fit: %s', (covariance) =>
    tidy(() => {
      const fit = fitted(covariance);
      const base = mixtureBase({ dim: 2, components: 3, covariance, key: key(6) });
      assignMixture(base, fit);
      const rows = rowsOf(points);
      expect(distance(base.logProb(tensor(rows, [200, 2])).dataSync(), mixtureLogProbs(fit, rows))).toBeLessThan(1e-5);
    }),
  );

  it.each(KINDS)('samples of the base and the fitted rows have equal mean log-densities: %s', (covariance) =>
    tidy(() => {
      const fit = fitted(covariance);
      const base = mixtureBase({ dim: 2, components: 3, covariance, key: key(6) });
      assignMixture(base, fit);
      const drawn = mixtureLogProbs(fit, base.sample(key(42), 8000).dataSync());
      // The mean log-density of the samples and the mean log-density of the fitted rows both estimate the negative
      // entropy. The tolerance is 5 standard errors of the difference of these two means.
      expect(Math.abs(mean(drawn) - fit.logLikelihood)).toBeLessThan(
        5 * Math.hypot(1 / Math.sqrt(8000), 1 / Math.sqrt(800)),
      );
    }),
  );

  it.each(['implicit', 'residual', 'monotone'])(
    'before training, the density of a flow of %s blocks is the assigned mixture',
    (model) =>
      tidy(() => {
        const fit = fitted('full');
        const base = { name: 'mixture', options: { components: 3, covariance: 'full' } };
        const flow = buildFlow(
          tabularPreset({
            dim: 2,
            model,
            blocks: 2,
            hidden: [16],
            base,
            actNorm: false,
            scaling: { mean: [1, -2], scale: [2, 0.5] },
          }),
        );
        assignMixture(flow.base, fit);
        const rows = rowsOf(points);
        const data = rows.map((value, at) => (at % 2 === 0 ? 1 + 2 * value : 0.5 * value - 2));
        // The scales do not change the log-determinant: log 2 + log 0.5 = 0.
        expect(distance(flow.logProb(tensor(data, [200, 2])).dataSync(), mixtureLogProbs(fit, rows))).toBeLessThan(
          1e-4,
        );
      }),
  );

  it('`assignMixture` refuses a base of a wrong kind or size, and the error describes the base and the fit', () => {
    expect(() => assignMixture(normalBase({ dim: 2 }), fitted('full'))).toThrow(
      /expected a mixture with centre \[3, 2\], logScale \[3, 2\], logits \[3\], lower \[3, 2, 2\], got normal with no parameters/,
    );
    expect(() => assignMixture(mixtureBase({ dim: 2, components: 3, key: key(0) }), fitted('full'))).toThrow(
      /got mixture with centre \[3, 2\], logScale \[3, 2\], logits \[3\]\./,
    );
    expect(() => mixtureBase({ dim: 2, covariance: 'round' as never, key: key(0) })).toThrow(
      /Unknown kind of covariance: expected one of diagonal, full, tied, got "round"/,
    );
  });

  it('with one component, bases with full and with tied covariance are equal Gaussians', () =>
    tidy(() => {
      const rows = clusters(43, 300);
      const [full, tied] = (['full', 'tied'] as const).map((covariance) => {
        const base = mixtureBase({ dim: 2, components: 1, covariance, key: key(6) });
        assignMixture(base, fitMixture(rows, { dim: 2, components: 1, covariance, key: key(7) }));
        return base
          .logProb(
            tensor2d([
              [0, 1],
              [2, 2],
            ]),
          )
          .dataSync();
      });
      expect(distance(full!, tied!)).toBeLessThan(1e-5);
    }));
});
