import { wasm } from '@impflow/backend-wasm';
import { key, logDetOnePlus, normal, uniform, valueAndGradients } from '@impflow/core';
import { mlp } from '@impflow/lipschitz';
import { exact, logDetEstimators } from '@impflow/logdet';
import { onBackend } from '@impflow/testkit';
import { mul, sum, tidy, variable } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

onBackend(wasm());

it('refuses more dimensions than it may', () => {
  const g = mlp({ dim: 5, hidden: [4], key: key(1) });
  const attempt = (): void => tidy(() => { exact({ maxDim: 4 }).estimate(g, normal(key(2), [3, 5]), key(3)); });
  expect(attempt).toThrow('[logdet/exact] Too many dimensions for the exact log-determinant: expected at most 4, got 5. Use russianRoulette');
});

it('has a name', () => {
  expect(logDetEstimators.create({ name: 'exact', options: { maxDim: 3 } }).bias).toBe('exact');
  expect(() => logDetEstimators.create({ name: 'exakt' })).toThrow('Did you mean "exact"?');
});

it('in the plane is the closed form', () => {
  tidy(() => {
    const tangents = variable(uniform(key(4), [2, 200, 2], -0.45, 0.45));
    const weights = normal(key(5), [200]);
    const { value, gradients } = valueAndGradients(() => sum(mul(weights, logDetOnePlus(tangents))), { tangents });
    // entry(k, b, i) is J_ik of sample b.
    const [t, w, found] = [tangents.dataSync(), weights.dataSync(), gradients['tangents']!.dataSync()];
    const entry = (k: number, b: number, i: number): number => t[(k * 200 + b) * 2 + i]! + (k === i ? 1 : 0);
    let total = 0;
    for (let b = 0; b < 200; b++) {
      const det = entry(0, b, 0) * entry(1, b, 1) - entry(0, b, 1) * entry(1, b, 0);
      total += w[b]! * Math.log(det);
      const cofactors = [[entry(1, b, 1), -entry(1, b, 0)], [-entry(0, b, 1), entry(0, b, 0)]];
      cofactors.forEach((row, k) => row.forEach((cofactor, i) => expect(found[(k * 200 + b) * 2 + i]!).toBeCloseTo(w[b]! * cofactor / det, 4)));
    }
    expect(value.dataSync()[0]).toBeCloseTo(total, 4);
  });
});
