import { key, normals, pullback, scoped, valueAndGradients, type BackendAdapter } from '@impflow/core';
import type { BaseDistribution } from '@impflow/flows';
import { memory, mul, ones, sum, tensor, tensor1d, tensor2d, variable, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import { describe, expect } from 'vitest';
import { derivative } from './differences.ts';
import { laws, type Exceptions } from './law.ts';
import { onBackend } from './on-backend.ts';

/** The laws by name, so that an exception can be declared. */
export type BaseLaw =
  | 'integrates to one'
  | 'draws what its density says'
  | 'the same key gives the same draws'
  | 'gradients are those of differences'
  | 'a row alone is the row in a batch'
  | 'a bad row has no density and touches no other'
  | 'keeps nothing';

export interface BaseSuite {
  readonly name: string;
  /** Made anew for each law, in one, two and three dimensions; nearly all of it within 9 of the origin. */
  readonly base: (dim: number) => BaseDistribution;
  /** Backends to keep the laws on. */
  readonly backends: readonly BackendAdapter[];
  /** Laws that this density does not keep, each with the reason: shown in the report. */
  readonly except?: Exceptions<BaseLaw>;
}

/**
 * Registers the laws that every base density keeps, on each backend. Call it at the top of a vitest file.
 *
 * @remarks The integrals are sums over a grid of width 0.1: an edge of the density belongs between two of its points. The
 * chi-squared test alarms wrongly once in 10,000 keys, and the key is fixed.
 */
export const testBase = ({ name, base, backends, except = {} }: BaseSuite): void => {
  const law = laws<BaseLaw>(except);
  const density = (dim: number, points: readonly (readonly number[])[]): number[] =>
    scoped(() => Array.from(base(dim).logProb(tensor2d(points.map((point) => [...point]))).dataSync(), Math.exp));

  describe.each(backends)(`${name} on $name`, (backend) => {
    onBackend(backend);

    law('integrates to one', () => {
      expect(Math.abs(total(density(1, LINE)) * STEP - 1)).toBeLessThan(1e-3);
      expect(Math.abs(total(density(2, PLANE)) * STEP ** 2 - 1)).toBeLessThan(1e-3);
    });

    law('draws what its density says', () => {
      const expected = new Float64Array(CELLS ** 2);
      density(2, PLANE).forEach((p, i) => { expected[cellOf(PLANE[i]!)]! += p * STEP ** 2 * DRAWS; });
      const drawn = new Float64Array(CELLS ** 2);
      const draws = scoped(() => base(2).sample(key(72), DRAWS).arraySync() as number[][]);
      for (const point of draws) drawn[cellOf(point)]! += 1;
      const possible = [...expected.keys()].filter((i) => expected[i]! > 1);
      const elsewhere = total([...drawn].filter((_, i) => !possible.includes(i)));
      expect(elsewhere, 'draws where there is next to no density').toBeLessThan(2 * CELLS);
      const statistic = total(possible.map((i) => (drawn[i]! - expected[i]!) ** 2 / expected[i]!));
      // Wilson and Hilferty's quantile of the chi-squared distribution, for one in 10,000.
      const freedom = possible.length - 1;
      expect(statistic).toBeLessThan(freedom * (1 - 2 / (9 * freedom) + 3.72 * Math.sqrt(2 / (9 * freedom))) ** 3);
    });

    law('the same key gives the same draws', () => scoped(() => {
      const draw = (seed: number): number[] => Array.from(base(3).sample(key(seed), 10).dataSync());
      expect(base(3).sample(key(73), 10).shape).toEqual([10, 3]);
      expect(draw(73)).toEqual(draw(73));
      expect(draw(73)).not.toEqual(draw(74));
    }));

    law('gradients are those of differences', () => scoped(() => {
      const density = base(2);
      const z = variable(density.sample(key(75), 6));
      const weights = tensor1d(Float32Array.from(normals(key(76), 6)));
      const loss = (): Tensor => sum(mul(weights, density.logProb(z)));
      const targets: Record<string, Variable> = { ...density.parameters, z };
      const { gradients } = valueAndGradients(loss, targets);
      for (const [path, target] of Object.entries(targets)) {
        const present = Float32Array.from(target.dataSync());
        gradients[path]!.dataSync().forEach((gradient, i) => {
          const difference = derivative((shift) => scoped(() => {
            target.assign(tensor(present.with(i, present[i]! + shift), target.shape));
            return loss().dataSync()[0]!;
          }), 0.02);
          target.assign(tensor(present, target.shape));
          expect(Math.abs(gradient - difference), `${path}[${i}]: gradient ${gradient}, difference ${difference}`).toBeLessThan(2e-3 * Math.max(1, Math.abs(difference)));
        });
      }
      z.dispose();
    }));

    law('a row alone is the row in a batch', () => scoped(() => {
      const density = base(3);
      const z = density.sample(key(77), 20).arraySync() as number[][];
      const batch = density.logProb(tensor2d(z)).dataSync();
      for (const i of [0, 7, 19]) expect(Math.abs(density.logProb(tensor2d([z[i]!])).dataSync()[0]! - batch[i]!)).toBeLessThan(1e-5);
    }));

    law('a bad row has no density and touches no other', () => scoped(() => {
      const density = base(2);
      const z = density.sample(key(78), 30).arraySync() as number[][];
      const good = Array.from(density.logProb(tensor2d(z)).dataSync());
      expect(good.every(Number.isFinite)).toBe(true);
      for (const bad of [[Number.NaN, 0], [1e30, 0], [0, Number.POSITIVE_INFINITY]]) {
        const spoiled = Array.from(density.logProb(tensor2d(z.with(17, bad))).dataSync());
        expect(spoiled.toSpliced(17, 1)).toEqual(good.toSpliced(17, 1));
        // Far out a density with heavy tails is small; no number has none.
        if (Number.isFinite(bad[0]) && Number.isFinite(bad[1])) expect(spoiled[17]! >= Math.min(...good), 'far out').toBe(false);
        else expect(Number.isFinite(spoiled[17])).toBe(false);
      }
    }));

    law('keeps nothing', () => {
      const density = base(2);
      const use = (): void => scoped(() => {
        const z = density.sample(key(79), 5);
        density.logProb(z);
        pullback(() => density.logProb(z), [z], ones([5]));
        expect([z, ...Object.values(density.parameters)].some((tensor) => tensor.isDisposed)).toBe(false);
      });
      use();
      const before = memory().numTensors;
      use();
      expect(memory().numTensors).toBe(before);
    });
  });
};

const total = (of: readonly number[]): number => of.reduce((sum, entry) => sum + entry, 0);

const HALF = 9;
const STEP = 0.1;
/** Middles of the intervals of width STEP over [-HALF, HALF]; the edges of the cells lie between them. */
const MIDDLES = Array.from({ length: Math.round(2 * HALF / STEP) }, (_, i) => -HALF + (i + 0.5) * STEP);
const LINE = MIDDLES.map((x) => [x]);
const PLANE = MIDDLES.flatMap((x) => MIDDLES.map((y) => [x, y]));

const DRAWS = 20_000;
const EDGES = [-2, -1, -0.5, 0, 0.5, 1, 2];
const CELLS = EDGES.length + 1;
const cellOf = (point: readonly number[]): number => point.reduce((place, x) => place * CELLS + EDGES.filter((edge) => x > edge).length, 0);
