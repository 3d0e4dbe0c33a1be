// Tests the expectation step in WebAssembly against the formulas of the EM algorithm. The tests reset all modules. In a
// shared process, the next test file would load a second copy of each package.
import { fold, key, normals, uniforms } from '@impflow/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { MixtureCovariance, MixtureModel } from '../../src/mixture/mixture-fit.ts';
import type { packRows as PackRows } from '../../src/mixture/packed-rows.ts';

const KINDS: readonly MixtureCovariance[] = ['full', 'diagonal', 'tied'];
const [ROWS, D, K] = [45, 5, 4] as const;
const rows = normals(key(0), ROWS * D).map((value) => 2 * value);
const weights = uniforms(key(1), ROWS).map((u) => 0.5 + u);
const floor = normals(key(2), ROWS).map((value) => value - 12);

const modelOf = (covariance: MixtureCovariance): MixtureModel => {
  const drawn = (at: number, count: number): Float64Array => normals(fold(key(3), at), count);
  const triangle = (at: number): Float64Array =>
    drawn(at, D * D).map((value, i) =>
      i % D > Math.floor(i / D) ? 0 : i % D === Math.floor(i / D) ? 0.5 + Math.abs(value) : value,
    );
  const each = Array.from({ length: covariance === 'tied' ? 1 : K }, (_, k) =>
    covariance === 'diagonal' ? drawn(k, D).map((value) => 0.5 + Math.abs(value)) : triangle(k),
  );
  return {
    dim: D,
    components: K,
    covariance,
    weights: Float64Array.of(0.1, 0.2, 0.3, 0.4),
    means: drawn(9, K * D).map((value) => 2 * value),
    factors: Float64Array.from(each.flatMap((factor) => [...factor])),
  };
};

/** Returns the logarithms of weight times density of each component at a row. */
const jointsOf = ({ covariance, weights: shares, means, factors }: MixtureModel, row: number): readonly number[] =>
  Array.from({ length: K }, (_, k) => {
    const gap = Array.from({ length: D }, (__, j) => rows[row * D + j]! - means[k * D + j]!);
    const factor = (i: number, j: number): number =>
      covariance === 'diagonal'
        ? i === j
          ? factors[k * D + i]!
          : 0
        : factors[(covariance === 'full' ? k * D * D : 0) + i * D + j]!;
    let joint = Math.log(shares[k]!) - (D / 2) * Math.log(2 * Math.PI);
    for (let i = 0; i < D; i++) {
      const y = gap.reduce((sum, x, j) => sum + (j <= i ? factor(i, j) * x : 0), 0);
      joint += Math.log(factor(i, i)) - (y * y) / 2;
    }
    return joint;
  });

// The sums leave out components whose posterior probability at a row is below 1e-12. A term is this probability times a
// product of two distances, here below 100.
const close = (found: ArrayLike<number>, wanted: ArrayLike<number>): void => {
  expect(found.length).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i++)
    expect(Math.abs(found[i]! - wanted[i]!)).toBeLessThan(1e-10 * (1 + Math.abs(wanted[i]!)));
};

let packRows: typeof PackRows;

describe.each([
  ['in WebAssembly', true],
  ['without WebAssembly', false],
] as const)('%s', (_where, hasWebAssembly) => {
  beforeEach(async () => {
    if (!hasWebAssembly) vi.stubGlobal('WebAssembly', undefined);
    vi.resetModules();
    ({ packRows } = await import('../../src/mixture/packed-rows.ts'));
  });
  afterEach(() => vi.unstubAllGlobals());

  describe.each(KINDS)('the expectation step of %s covariances', (covariance) => {
    const model = modelOf(covariance);
    const size = { dim: D, components: K, covariance };

    it.each([
      ['without a fixed density', undefined],
      ['with a fixed density', floor],
    ] as const)('agrees with the formulas %s', (_, fixed) => {
      const joints = Array.from({ length: ROWS }, (__, row) => jointsOf(model, row));
      const logProbs = joints.map((own, row) =>
        Math.log(own.reduce((sum, joint) => sum + Math.exp(joint), fixed === undefined ? 0 : Math.exp(fixed[row]!))),
      );
      const share = (row: number, k: number): number => weights[row]! * Math.exp(joints[row]![k]! - logProbs[row]!);
      const gap = (row: number, k: number, j: number): number => rows[row * D + j]! - model.means[k * D + j]!;
      const sumOf = (term: (row: number) => number): number =>
        Array.from({ length: ROWS }, (__, row) => term(row)).reduce((sum, value) => sum + value, 0);
      const components = Array.from({ length: K }, (__, k) => k);
      const columns = Array.from({ length: D }, (__, j) => j);
      const pairs = columns.flatMap((i) => columns.slice(0, i + 1).map((j) => [i, j] as const));

      const packed = packRows(rows, { ...size, weights, floor: fixed });
      const { logLikelihood, totals, firsts, seconds } = packed.expect(model);
      close([logLikelihood], [sumOf((row) => weights[row]! * logProbs[row]!) / sumOf((row) => weights[row]!)]);
      close(
        totals,
        components.map((k) => sumOf((row) => share(row, k))),
      );
      close(
        firsts,
        components.flatMap((k) => columns.map((j) => sumOf((row) => share(row, k) * gap(row, k, j)))),
      );
      const all = (row: number): number => components.reduce((sum, k) => sum + share(row, k), 0);
      const wanted = {
        full: () =>
          components.flatMap((k) =>
            pairs.map(([i, j]) => sumOf((row) => share(row, k) * gap(row, k, i) * gap(row, k, j))),
          ),
        diagonal: () =>
          components.flatMap((k) => columns.map((j) => sumOf((row) => share(row, k) * gap(row, k, j) ** 2))),
        tied: () => pairs.map(([i, j]) => sumOf((row) => all(row) * rows[row * D + i]! * rows[row * D + j]!)),
      };
      close(seconds, wanted[covariance]());
      close(packed.logProbs(model), logProbs);
      expect([...packed.likeliest(model)]).toEqual(joints.map((own) => own.indexOf(Math.max(...own))));
    });

    it('sorted rows have the log-densities of unsorted rows, up to rounding errors', () => {
      const labels = Int32Array.from({ length: ROWS }, (_, row) => (7 * row) % K);
      const sorted = packRows(rows, { ...size, labels }).logProbs(model);
      for (const [row, value] of packRows(rows, size).logProbs(model).entries())
        expect(Math.abs(sorted[row]! - value)).toBeLessThan(1e-13 * (1 + Math.abs(value)));
    });

    it('a row at infinity has a density of 0, and a row with NaN has the density NaN', () => {
      const odd = rows.slice();
      odd[D] = Infinity;
      odd[2 * D + 1] = NaN;
      const found = packRows(odd, size).logProbs(model);
      expect(found[1]).toBe(-Infinity);
      expect(found[2]).toBe(NaN);
      expect(found[0]).toBe(packRows(rows, size).logProbs(model)[0]);
    });
  });
});
