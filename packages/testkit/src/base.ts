import { key, normals, pullback, scoped, valueAndGradients, type BackendAdapter } from '@impflow/core';
import type { BaseDistribution } from '@impflow/flows';
import {
  add,
  mul,
  ones,
  sum,
  tensor,
  tensor1d,
  tensor2d,
  variable,
  zerosLike,
  type Tensor,
  type Variable,
} from '@tensorflow/tfjs-core';
import { describe, expect } from 'vitest';
import { expectAgreement } from './agree.ts';
import { derivative } from './differences.ts';
import { expectKept } from './kept.ts';
import { laws, type Exceptions } from './law.ts';
import { onBackend } from './on-backend.ts';
import { shiftParameters } from './shifted.ts';
import { moments } from './statistics.ts';

/** Names of the laws, as keys of `except`. */
export type BaseLaw =
  | 'has the dimension that was asked for, and a number per row'
  | 'integrates to one'
  | 'has a density far out'
  | 'draws what its density says'
  | 'draws every row anew'
  | 'a temperature scales the noise'
  | 'the same key gives the same draws'
  | 'gradients are those of differences'
  | 'a row alone is the row in a batch'
  | 'a bad row has no density and touches no other'
  | 'keeps nothing';

/** Options of {@link testBase}. */
export interface BaseSuite {
  /** Name of the density, in the titles of the tests. */
  readonly name: string;
  /**
   * Makes the density in `dim` dimensions. Called by each law with 1, 2 or 3. Nearly all of its mass must lie within
   * `[-9, 9]^dim`.
   */
  readonly base: (dim: number) => BaseDistribution;
  /** Backends on which the laws run. */
  readonly backends: readonly BackendAdapter[];
  /** Laws that this density does not keep, each with the reason. The report shows them as skipped. Default none. */
  readonly except?: Exceptions<BaseLaw>;
}

/**
 * Registers the laws of base densities on each backend. Call it at the top level of a vitest file.
 *
 * @remarks The integrals are sums over a grid, of width 0.1 in one and two dimensions and 0.4 in three. An edge of the
 * density should lie halfway between two grid points. The chi-squared test has a false alarm for one key in 10,000; the
 * key is fixed.
 */
export const testBase = ({ name, base, backends, except = {} }: BaseSuite): void => {
  const law = laws<BaseLaw>(except);
  /** The density as made, and with its parameters moved. */
  const states = [
    ['as made', base],
    [
      'with its parameters moved',
      (dim: number): BaseDistribution => {
        const trained = base(dim);
        shiftParameters(trained.parameters, SHIFT);
        return trained;
      },
    ],
  ] as const;
  const density = (base: BaseSuite['base'], dim: number, points: Float32Array): number[] =>
    scoped(() =>
      Array.from(
        base(dim)
          .logProb(tensor2d(points, [points.length / dim, dim]))
          .dataSync(),
        Math.exp,
      ),
    );

  describe.each(backends)(`${name} on $name`, (backend) => {
    onBackend(backend);

    law('has the dimension that was asked for, and a number per row', () =>
      scoped(() => {
        for (const dim of [1, 2, 3]) {
          const density = base(dim);
          expect(density.dim).toBe(dim);
          for (const rows of [1, 4]) {
            const z = density.sample(key(80), rows);
            expect(z.shape, `${rows} draws in ${dim} dimensions`).toEqual([rows, dim]);
            expect(density.logProb(z).shape, `log-densities of ${rows} rows in ${dim} dimensions`).toEqual([rows]);
          }
        }
      }),
    );

    law('integrates to one', () => {
      for (const [state, base] of states) {
        for (const [dim, step] of [
          [1, STEP],
          [2, STEP],
          [3, 4 * STEP],
        ] as const) {
          expect(
            Math.abs(total(density(base, dim, grid(dim, step))) * step ** dim - 1),
            `in ${dim} dimensions, ${state}`,
          ).toBeLessThan(1e-3);
        }
      }
    });

    law('has a density far out', () =>
      scoped(() => {
        const density = base(3);
        const sizes = [10, 1e2, 1e3, 1e4].flatMap((size) => [size, -size]);
        const z = tensor2d(sizes.map((size) => [size, 0.3 * size, -0.1]));
        const { value, gradients } = pullback(() => density.logProb(z), [z], ones([sizes.length]));
        const finite = (x: Tensor): number[] => Array.from(x.dataSync(), (entry) => (Number.isFinite(entry) ? 1 : 0));
        expectAgreement(
          finite(value),
          sizes.map(() => 1),
          { what: `finite log-densities (1) at ${sizes.join(', ')}` },
        );
        expectAgreement(
          finite((gradients[0] as Tensor | undefined) ?? zerosLike(z)),
          sizes.flatMap(() => [1, 1, 1]),
          { what: `finite gradients (1) at ${sizes.join(', ')}`, width: 3 },
        );
      }),
    );

    law('draws what its density says', () => {
      const plane = grid(2, STEP);
      for (const [state, base] of states) {
        const expected = new Float64Array(CELLS ** 2);
        density(base, 2, plane).forEach((p, i) => {
          expected[cellOf([...plane.subarray(2 * i, 2 * i + 2)])]! += p * STEP ** 2 * DRAWS;
        });
        const drawn = new Float64Array(CELLS ** 2);
        const draws = scoped(() => base(2).sample(key(72), DRAWS).arraySync() as number[][]);
        for (const point of draws) drawn[cellOf(point)]! += 1;
        const possible = [...expected.keys()].filter((i) => expected[i]! > 1);
        const elsewhere = total([...drawn].filter((_, i) => !possible.includes(i)));
        expect(elsewhere, `draws in cells with almost no mass, ${state}`).toBeLessThan(2 * CELLS);
        const statistic = total(possible.map((i) => (drawn[i]! - expected[i]!) ** 2 / expected[i]!));
        // The quantile of the chi-squared distribution for one in 10,000, by Wilson and Hilferty.
        const freedom = possible.length - 1;
        expect(statistic, state).toBeLessThan(
          freedom * (1 - 2 / (9 * freedom) + 3.72 * Math.sqrt(2 / (9 * freedom))) ** 3,
        );
      }
    });

    law('draws every row anew', () => {
      const rows = scoped(() => base(3).sample(key(81), 2000).arraySync() as number[][]);
      expect(new Set(rows.map((row) => row.join(' '))).size, 'different rows among 2000').toBe(2000);
      // A number that two rows share occurs twice, at any position. By chance hardly any of 6000 float32 numbers does.
      expect(
        new Set(rows.flat().map(Math.abs)).size,
        'different numbers among 6000, without their signs',
      ).toBeGreaterThan(5940);
      // Close rows, and rows of the two halves: finds pairs of opposite sign, and numbers that a later row uses at
      // another position.
      for (const lag of [1, 2, 3, 1000]) {
        const pairs = Array.from({ length: 2000 - lag }, (_, i) => [rows[i]!, rows[i + lag]!] as const);
        for (const [j, k] of PLACES) {
          const related = correlation(pairs.map(([row, later]) => [row[j]!, later[k]!]));
          // 5 standard errors.
          expect(Math.abs(related), `correlation of entry ${j} with entry ${k} of the row ${lag} further`).toBeLessThan(
            5 / Math.sqrt(pairs.length),
          );
        }
      }
    });

    law('a temperature scales the noise', () =>
      scoped(() => {
        const draw = (temperature?: number): Float32Array =>
          base(2).sample(key(82), 4000, temperature).dataSync() as Float32Array;
        expectAgreement(draw(1), draw(), { what: 'draws at temperature 1 and without one', width: 2 });
        const spreads = [0.25, 1, 4].map((temperature) => variance(draw(temperature)));
        // The variance of a mixture with distant components hardly changes.
        expect(spreads[0]! / spreads[1]!, 'variance at temperature 0.25 divided by that at 1').toBeLessThan(0.99);
        expect(spreads[2]! / spreads[1]!, 'variance at temperature 4 divided by that at 1').toBeGreaterThan(1.01);
        // The temperature must not move the center, also where parameters moved it.
        for (const [where, shift] of [
          ['as made', 0],
          ['with its parameters moved', 0.7],
        ] as const) {
          const density = base(2);
          for (const parameter of Object.values(density.parameters)) parameter.assign(add(parameter, shift));
          const [cold, plain, hot] = [0.25, 1, 4].map((temperature) =>
            centres(density.sample(key(83), 4000, temperature).dataSync<'float32'>() as Float32Array),
          );
          for (const [temperature, moved] of [
            [0.25, cold!],
            [4, hot!],
          ] as const) {
            for (const [j, { mean, error }] of moved.entries()) {
              const allowed = 5 * Math.hypot(error, plain![j]!.error) + 1e-6;
              expect(
                Math.abs(mean - plain![j]!.mean),
                `change of the mean of entry ${j} at temperature ${temperature}, ${where}`,
              ).toBeLessThan(allowed);
            }
          }
        }
      }),
    );

    law('the same key gives the same draws', () =>
      scoped(() => {
        const draw = (seed: number): number[] => Array.from(base(3).sample(key(seed), 10).dataSync());
        const [once, again, other] = [draw(73), draw(73), draw(74)];
        expectAgreement(again, once, { what: 'draws of the same key', width: 3 });
        expect(
          other.every((entry, i) => entry === once[i]),
          'draws of another key are the same',
        ).toBe(false);
        // Odd numbers of draws in alternation: normal numbers come in pairs, and a later draw must not use a spare one.
        for (const dim of [1, 3]) {
          const density = base(dim);
          const asked = [
            [3, 84],
            [1, 85],
            [3, 84],
            [5, 86],
            [5, 86],
            [1, 85],
          ] as const;
          const drawn = asked.map(([rows, seed]) => density.sample(key(seed), rows).dataSync());
          for (const [i, [rows, seed]] of asked.entries()) {
            expectAgreement(drawn[i]!, base(dim).sample(key(seed), rows).dataSync(), {
              what: `draw ${i} of one instance, ${rows} rows in ${dim} dimensions`,
              width: dim,
            });
          }
        }
      }),
    );

    law('gradients are those of differences', () =>
      scoped(() => {
        for (const [state, base] of states) {
          const density = base(2);
          const z = variable(density.sample(key(75), 6));
          const weights = tensor1d(Float32Array.from(normals(key(76), 6)));
          const loss = (): Tensor => sum(mul(weights, density.logProb(z)));
          const targets: Record<string, Variable> = { ...density.parameters, z };
          const { gradients } = valueAndGradients(loss, targets);
          for (const [path, target] of Object.entries(targets)) {
            const present = Float32Array.from(target.dataSync());
            gradients[path]!.dataSync().forEach((gradient, i) => {
              const difference = derivative(
                (shift) =>
                  scoped(() => {
                    target.assign(tensor(present.with(i, present[i]! + shift), target.shape));
                    return loss().dataSync()[0]!;
                  }),
                0.02,
              );
              target.assign(tensor(present, target.shape));
              expect(
                Math.abs(gradient - difference),
                `${path}[${i}], ${state}: gradient ${gradient}, difference ${difference}`,
              ).toBeLessThan(2e-3 * Math.max(1, Math.abs(difference)));
            });
          }
          z.dispose();
        }
      }),
    );

    law('a row alone is the row in a batch', () =>
      scoped(() => {
        const density = base(3);
        const z = density.sample(key(77), 20).arraySync() as number[][];
        const batch = density.logProb(tensor2d(z)).dataSync();
        for (const i of [0, 7, 19])
          expectAgreement(density.logProb(tensor2d([z[i]!])).dataSync(), [batch[i]!], {
            what: `row ${i} of 20 alone`,
            tolerance: 1e-5,
          });
      }),
    );

    law('a bad row has no density and touches no other', () =>
      scoped(() => {
        const density = base(2);
        const z = density.sample(key(78), 30).arraySync() as number[][];
        const good = Array.from(density.logProb(tensor2d(z)).dataSync());
        expect(good.every(Number.isFinite)).toBe(true);
        for (const bad of [
          [Number.NaN, 0],
          [1e30, 0],
          [0, Number.POSITIVE_INFINITY],
        ]) {
          const spoiled = Array.from(density.logProb(tensor2d(z.with(17, bad))).dataSync());
          expectAgreement(spoiled, good, { what: `beside a row of ${bad.join(', ')}`, except: (row) => row === 17 });
          // Far out the density must be small. At NaN and infinity the log-density must not be finite.
          if (Number.isFinite(bad[0]) && Number.isFinite(bad[1]))
            expect(spoiled[17]! >= Math.min(...good), 'far out').toBe(false);
          else expect(Number.isFinite(spoiled[17])).toBe(false);
        }
      }),
    );

    law('keeps nothing', () => {
      const density = base(2);
      const use = (): void =>
        scoped(() => {
          const z = density.sample(key(79), 5);
          density.logProb(z);
          pullback(() => density.logProb(z), [z], ones([5]));
          expect([z, ...Object.values(density.parameters)].some((tensor) => tensor.isDisposed)).toBe(false);
        });
      use();
      expectKept('draws, their log-densities and the gradient of those', () => {
        use();
        return [];
      });
    });
  });
};

const total = (of: readonly number[]): number => of.reduce((sum, entry) => sum + entry, 0);

/** Size of the shift of parameters. */
const SHIFT = 0.2;

const HALF = 9;
const STEP = 0.1;
/**
 * Returns the centers of the cells of width `step` in `[-HALF, HALF]^dim`, row by row. The edges of the cells for the
 * chi-squared test lie between them.
 */
const grid = (dim: number, step: number): Float32Array => {
  const each = Math.round((2 * HALF) / step);
  const points = new Float32Array(each ** dim * dim);
  for (let i = 0; i < each ** dim; i++) {
    for (let [k, rest] = [dim - 1, i]; k >= 0; k--, rest = Math.floor(rest / each))
      points[i * dim + k] = -HALF + ((rest % each) + 0.5) * step;
  }
  return points;
};

/** Sum of the variances of the two columns. */
const variance = (rows: Float32Array): number =>
  [0, 1].reduce((sum, column) => {
    const entries = [...rows].filter((_, i) => i % 2 === column);
    const mean = total(entries) / entries.length;
    return sum + total(entries.map((entry) => (entry - mean) ** 2)) / entries.length;
  }, 0);

/** Mean of each of the two columns, and its standard error. */
const centres = (rows: Float32Array): readonly { readonly mean: number; readonly error: number }[] => {
  const { mean, standardError } = moments(
    Array.from({ length: rows.length / 2 }, (_, i) => rows.subarray(2 * i, 2 * i + 2)),
  );
  return mean.map((entry, j) => ({ mean: entry, error: standardError[j]! }));
};

/** All pairs of positions in a row of three. */
const PLACES = [0, 1, 2].flatMap((j) => [0, 1, 2].map((k) => [j, k] as const));

const correlation = (pairs: readonly (readonly [number, number])[]): number => {
  const means = [0, 1].map((k) => total(pairs.map((pair) => pair[k]!)) / pairs.length);
  const product = (a: number, b: number): number =>
    total(pairs.map((pair) => (pair[a]! - means[a]!) * (pair[b]! - means[b]!)));
  return product(0, 1) / Math.sqrt(product(0, 0) * product(1, 1));
};

const DRAWS = 20_000;
const EDGES = [-2, -1, -0.5, 0, 0.5, 1, 2];
const CELLS = EDGES.length + 1;
const cellOf = (point: readonly number[]): number =>
  point.reduce((place, x) => place * CELLS + EDGES.filter((edge) => x > edge).length, 0);
