import { key, normals, vjpByTape, scoped, valueAndGradients, type BackendAdapter } from '@impflow/core';
import type { BaseDistribution } from '@impflow/flows';
import {
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
import { expectAnew, expectDrawn, expectRowsAlone, expectScaled } from './base-draws.ts';
import { integralOf } from './base-grid.ts';
import {
  expectColdDraws,
  expectDrawnSizes,
  expectFineGradientsAtZero,
  expectParametersFollowed,
  expectSameAfterMany,
  expectTails,
  expectWide,
} from './base-sizes.ts';
import { slopes, STEPS } from './differences.ts';
import { drawnAnew } from './drawn-anew.ts';
import { expectKept } from './kept.ts';
import { laws, type Exceptions } from './law.ts';
import { onBackend } from './on-backend.ts';
import { shiftParameters } from './shifted.ts';

/** Names of the laws, as keys of `except`. */
export type BaseLaw =
  | 'has the requested dimension, and one number per row'
  | 'integrates to one'
  | 'has a density far from zero'
  | 'draws follow the density'
  | 'rows are independent draws'
  | 'a temperature scales the noise'
  | 'the draws of a row do not depend on its batch'
  | 'the same key gives the same draws'
  | 'draws and density agree in twelve dimensions'
  | 'draws have the tails of the density'
  | 'gradients are right where entries are zero'
  | 'the results depend on the present parameters'
  | 'gives the same results after many calls'
  | 'holds at sizes drawn anew'
  | 'gradients agree with finite differences'
  | 'the result of a row does not depend on its batch'
  | 'a row with NaN or infinity has no finite log-density and does not change other rows'
  | 'keeps nothing';

/** Options of {@link testBase}. */
export interface BaseSuite {
  /** Name of the density, in the titles of the tests. */
  readonly name: string;
  /**
   * Makes the density in `dim` dimensions. The laws call this function with 1 to 24 dimensions. Nearly all of the
   * probability mass must lie within `[-40, 40]^dim`, also after its parameters moved by up to 0.8.
   */
  readonly base: (dim: number) => BaseDistribution;
  /** Backends on which the laws run. */
  readonly backends: readonly BackendAdapter[];
  /**
   * Whether the slope of the log-density jumps, as for a Laplace density. Differences across a jump are then skipped,
   * and integrals have larger tolerances. Default false.
   */
  readonly kinks?: boolean;
  /**
   * Laws that this density does not keep, each with the reason. The report shows these laws as skipped. Default none.
   */
  readonly except?: Exceptions<BaseLaw>;
}

/**
 * Registers the laws of base densities on each backend. Call this function at the top level of a vitest file.
 *
 * @remarks The integrals are sums over a grid, of width 0.1 in one and two dimensions and 0.4 or more in three. If the
 * density jumps, the jump should lie halfway between two grid points. The chi-squared test has a false alarm for one key in
 * 10,000; the key is fixed.
 */
export const testBase = ({ name, base, backends, kinks = false, except = {} }: BaseSuite): void => {
  const law = laws<BaseLaw>(except);
  /** The density with its initial parameters, and with moved parameters. */
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

  describe.each(backends)(`${name} on $name`, (backend) => {
    onBackend(backend);

    law('has the requested dimension, and one number per row', () =>
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
        for (const dim of [1, 2, 3]) {
          const integral = integralOf(base, dim, 1);
          // If slopes jump, the error of the midpoint rule is about a third of the change for cells of twice the width.
          const rule = kinks ? Math.abs(integralOf(base, dim, 2) - integral) : 0;
          expect(
            Math.abs(integral - 1),
            `integral minus 1, which is ${integral - 1}, in ${dim} dimensions, ${state}`,
          ).toBeLessThan(1e-3 + rule);
        }
      }
    });

    law('has a density far from zero', () =>
      scoped(() => {
        const density = base(3);
        const sizes = [10, 1e2, 1e3, 1e4].flatMap((size) => [size, -size]);
        const z = tensor2d(sizes.map((size) => [size, 0.3 * size, -0.1]));
        const { value, gradients } = vjpByTape(() => density.logProb(z), [z], ones([sizes.length]));
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

    law('draws follow the density', () => {
      for (const [state, base] of states) expectDrawn(base, state);
    });

    law('rows are independent draws', () => expectAnew(base));

    law('a temperature scales the noise', () => {
      expectScaled(base);
      expectColdDraws(base);
    });

    law('draws and density agree in twelve dimensions', () => {
      expectWide(base, 12);
    });

    law('draws have the tails of the density', () => expectTails(base));

    law('gradients are right where entries are zero', () => expectFineGradientsAtZero(base));

    law('the results depend on the present parameters', () => expectParametersFollowed(base));

    law('gives the same results after many calls', () => expectSameAfterMany(base));

    law('holds at sizes drawn anew', () => drawnAnew((k) => expectDrawnSizes(base, k)));

    law('the draws of a row do not depend on its batch', () => expectRowsAlone(base));

    law('the same key gives the same draws', () =>
      scoped(() => {
        const draw = (seed: number): number[] => Array.from(base(3).sample(key(seed), 10).dataSync());
        const [once, again, other] = [draw(73), draw(73), draw(74)];
        expectAgreement(again, once, { what: 'draws of the same key', width: 3 });
        expect(
          other.every((entry, i) => entry === once[i]),
          'draws of another key are the same',
        ).toBe(false);
        // Draws odd numbers of rows from one instance. Normal numbers come in pairs, and a later draw must not use the
        // number that is left over.
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

    law('gradients agree with finite differences', () =>
      scoped(() => {
        for (const [state, base] of states) {
          const density = base(2);
          const z = variable(density.sample(key(75), 6));
          const weights = tensor1d(Float32Array.from(normals(key(76), 6)));
          const loss = (): Tensor => sum(mul(weights, density.logProb(z)));
          const targets: Record<string, Variable> = { ...density.parameters, z };
          const { gradients } = valueAndGradients(loss, targets);
          let compared = 0;
          for (const [path, target] of Object.entries(targets)) {
            const present = Float32Array.from(target.dataSync());
            gradients[path]!.dataSync().forEach((gradient, i) => {
              const around = STEPS.map((step) =>
                scoped(() => {
                  target.assign(tensor(present.with(i, present[i]! + 2 * step), target.shape));
                  return loss().dataSync()[0]!;
                }),
              );
              const { central: difference, jump } = slopes(around, 0.02);
              target.assign(tensor(present, target.shape));
              const tolerance = 2e-3 * Math.max(1, Math.abs(difference));
              if (kinks && jump > tolerance) return;
              compared++;
              expect(
                Math.abs(gradient - difference),
                `${path}[${i}], ${state}: gradient ${gradient}, difference ${difference}`,
              ).toBeLessThan(tolerance);
            });
          }
          expect(compared, 'number of differences that cross no kink').toBeGreaterThan(z.size / 3);
          z.dispose();
        }
      }),
    );

    law('the result of a row does not depend on its batch', () =>
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

    law('a row with NaN or infinity has no finite log-density and does not change other rows', () =>
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
          // The log-density of the row of 1e30 must be smaller than the log-densities of all other rows. The
          // log-density of a row of NaN or infinity must not be finite.
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
          vjpByTape(() => density.logProb(z), [z], ones([5]));
          expect([z, ...Object.values(density.parameters)].some((tensor) => tensor.isDisposed)).toBe(false);
        });
      use();
      expectKept('draws, their log-densities and the gradient of the log-densities', () => {
        use();
        return [];
      });
    });
  });
};

/** Size of the shift of parameters. */
const SHIFT = 0.2;
