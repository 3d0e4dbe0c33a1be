import { wasm } from '@impflow/backend-wasm';
import { key, logDetOnePlus, drawNormal, scoped, drawUniform } from '@impflow/core';
import { mlp } from '@impflow/lipschitz';
import { exact, logDetEstimators } from '@impflow/logdet';
import { lively, onBackend } from '@impflow/testkit';
import { memory, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { at, estimated, valued } from './at.ts';
import { turning } from './turning.ts';

onBackend(wasm());

it('`exact` throws for more dimensions than `maxDim`', () => {
  const g = mlp({ dim: 5, hidden: [4], key: key(1) });
  const attempt = (): void =>
    tidy(() => {
      at(g, drawNormal(key(2), [3, 5]), (lin) => exact({ maxDim: 4 }).estimate(lin, key(3)));
    });
  expect(attempt).toThrow(
    '[logdet/exact] Too many dimensions for the exact log-determinant: expected at most 4, got 5. Use russianRoulette',
  );
});

it('the registry makes `exact` by name', () => {
  expect(logDetEstimators.create({ name: 'exact', options: { maxDim: 3 } }).bias).toBe('exact');
  expect(() => logDetEstimators.create({ name: 'exakt' })).toThrow('Did you mean "exact"?');
});

it('in two dimensions, `exact` equals the closed form', () => {
  tidy(() => {
    const tangents = drawUniform(key(4), [2, 200, 2], -0.45, 0.45);
    const { logDet: logDets, gradient } = logDetOnePlus(tangents, true);
    // Element (k, b, i) is J_ik of sample b.
    const [t, logDet, found] = [tangents.dataSync(), logDets.dataSync(), gradient!.dataSync()];
    const entry = (k: number, b: number, i: number): number => t[(k * 200 + b) * 2 + i]! + (k === i ? 1 : 0);
    for (let b = 0; b < 200; b++) {
      const det = entry(0, b, 0) * entry(1, b, 1) - entry(0, b, 1) * entry(1, b, 0);
      expect(logDet[b]!).toBeCloseTo(Math.log(det), 5);
      const cofactors = [
        [entry(1, b, 1), -entry(1, b, 0)],
        [-entry(0, b, 1), entry(0, b, 0)],
      ];
      cofactors.forEach((row, k) =>
        row.forEach((cofactor, i) => expect(found[(k * 200 + b) * 2 + i]!).toBeCloseTo(cofactor / det, 4)),
      );
    }
  });
});

describe('`exact` without a limit on dimensions', () => {
  const all = exact({ maxDim: Infinity });

  it.each([100, 300])('%i dimensions: the result agrees with float64, with a gradient and without', (d) => {
    const { g, logDet, dispose } = turning(d, 0.8);
    scoped(() => {
      const x = drawNormal(key(6), [4, d]);
      const points = x.dataSync();
      const before = memory().numTensors;
      expect(Math.max(...[0, 1, 2, 3].map((b) => Math.abs(logDet(points.slice(b * d, (b + 1) * d)))))).toBeGreaterThan(
        0.05,
      );
      const untracked = valued(g, x, (lin) => all.estimate(lin, key(7)));
      untracked.forEach((value, b) => {
        const truth = logDet(points.slice(b * d, (b + 1) * d));
        expect(Math.abs(value - truth)).toBeLessThan(1e-4);
      });
      expect(estimated(g, x, (lin) => all.estimate(lin, key(7))).logDet).toEqual(untracked);
      expect(memory().numTensors).toBe(before);
    });
    dispose();
  });

  it('for a large batch, products in chunks and in one stack give bit-identical results', () => {
    // 100 tangents of 200 rows do not fit into one chunk.
    const g = lively(mlp({ dim: 100, hidden: [32], coeff: 0.8, key: key(8) }));
    scoped(() => {
      const x = drawNormal(key(9), [200, 100]);
      const whole = valued(g, x, (lin) => all.estimate(lin, key(7)));
      expect(at(g, x, (lin) => all.estimate(lin, key(7)).logDet.dataSync())).toEqual(whole);
      expect(whole.every((value) => Math.abs(value) > 1e-6)).toBe(true);
    });
  });
});
