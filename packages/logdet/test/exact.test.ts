import { wasm } from '@impflow/backend-wasm';
import { jacobianOf, key, logDetOnePlus, normal, uniform, valueAndGradients } from '@impflow/core';
import { mlp } from '@impflow/lipschitz';
import { exact, logDetEstimators } from '@impflow/logdet';
import { mul, sum, tidy, variable, type Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { planarLogDet } from '../src/planar.ts';

beforeAll(async () => { await wasm().start(); });

it('refuses more dimensions than it may', () => {
  const g = mlp({ dim: 5, hidden: [4], key: key(1) });
  const attempt = (): void => tidy(() => { exact({ maxDim: 4 }).estimate(g, normal(key(2), [3, 5]), key(3)); });
  expect(attempt).toThrow('[logdet/exact] Too many dimensions for the exact log-determinant: expected at most 4, got 5. Use russianRoulette');
});

it('has a name', () => {
  expect(logDetEstimators.create({ name: 'exact', options: { maxDim: 3 } }).bias).toBe('exact');
  expect(() => logDetEstimators.create({ name: 'exakt' })).toThrow('Did you mean "exact"?');
});

it('in the plane is the elimination', () => {
  tidy(() => {
    const tangents = variable(uniform(key(4), [2, 200, 2], -0.45, 0.45));
    const weights = normal(key(5), [200]);
    const of = (logDet: (tangents: Tensor) => Tensor) => valueAndGradients(() => sum(mul(weights, logDet(tangents))), { tangents });
    const planar = of(planarLogDet);
    const general = of((t) => logDetOnePlus(jacobianOf(t)));
    expect(planar.value.dataSync()[0]).toBeCloseTo(general.value.dataSync()[0]!, 4);
    const expected = general.gradients['tangents']!.dataSync();
    planar.gradients['tangents']!.dataSync().forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 4));
  });
});
