import { cpu } from '@impflow/backend-cpu';
import { key, drawNormal } from '@impflow/core';
import { dense, eluActivation, lipSwish, mlp, sequential } from '@impflow/lipschitz';
import { onBackend } from '@impflow/testkit';
import { tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

/** Tests that are specific to `mlp`. The tests that every contraction must pass are in laws.test.ts. */
describe('mlp', () => {
  onBackend(cpu());

  it('`mlp` starts as the zero map, so that a block starts as the identity', () =>
    tidy(() => {
      const g = mlp({ dim: 3, hidden: [5, 4], activation: lipSwish, key: key(1) });
      expect(
        Math.max(
          ...g
            .apply(drawNormal(key(2), [6, 3]))
            .dataSync()
            .map(Math.abs),
        ),
      ).toBe(0);
      expect(g.lipschitz).toBeCloseTo(0.97 ** 3, 12);
    }));

  it('names of parameters and buffers begin with the path of the layer, such as `layers.0`', () => {
    const g = mlp({ dim: 3, hidden: [5], activation: lipSwish, key: key(1) });
    expect(Object.entries(g.parameters).map(([path, { shape }]) => `${path} ${shape.join('x')}`)).toEqual([
      'layers.0.weight 5x3',
      'layers.0.bias 5',
      'layers.1.beta 1',
      'layers.2.weight 3x5',
      'layers.2.bias 3',
    ]);
    expect(Object.keys(g.buffers)).toEqual(['layers.0.u', 'layers.0.v', 'layers.2.u', 'layers.2.v']);
  });

  it('two nets that are made with the same key are equal', () => {
    const [a, b, c] = [1, 1, 2].map((seed) => [
      ...mlp({ dim: 2, key: key(seed) }).parameters['layers.0.weight']!.dataSync(),
    ]);
    expect(a).toEqual(b);
    expect(a).not.toEqual(c);
  });

  it('caps that do not make a net a contraction are refused', () => {
    expect(() => mlp({ dim: 2, coeff: 1, key: key(1) })).toThrow(
      '[lipschitz/sequential] The layers do not form a contraction: expected a product of Lipschitz constants below 1, got 1.000.',
    );
    expect(() => mlp({ dim: 2, activation: () => eluActivation({ alpha: 2 }), key: key(1) })).toThrow('got 3.651');
    expect(() => dense({ inputs: 2, outputs: 2, coeff: 0, key: key(1) })).toThrow(
      '[lipschitz/dense] Wrong Lipschitz coefficient: expected a positive number, got 0.',
    );
    expect(sequential([2], [dense({ inputs: 2, outputs: 2, coeff: 0.5, key: key(1) })]).lipschitz).toBe(0.5);
  });
});
