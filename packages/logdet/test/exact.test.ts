import { wasm } from '@impflow/backend-wasm';
import { key, normal } from '@impflow/core';
import { mlp } from '@impflow/lipschitz';
import { exact, logDetEstimators } from '@impflow/logdet';
import { tidy } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';

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
