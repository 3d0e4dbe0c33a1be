import { wasm } from '@impflow/backend-wasm';
import { drawNormal, key } from '@impflow/core';
import { buildFlow, flowSpec, regression, type RegressionOptions } from '@impflow/flows';
import { onBackend, testBijector } from '@impflow/testkit';
import { tensor, tidy, zeros } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const backends = [wasm()];
const options: RegressionOptions = {
  weight: [
    [1, -2],
    [0.5, 0],
    [0, 3],
  ],
  bias: [0.3, -1, 2],
  factor: [
    [2, 0, 0],
    [-0.5, 0.7, 0],
    [1, 0.7, 1.5],
  ],
};
const alone: RegressionOptions = { ...options, weight: [[], [], []] };

testBijector({ name: 'regression', make: () => regression(options), context: 2, backends });
testBijector({ name: 'regression without a context', make: () => regression(alone), backends });

describe('a regression in a flow', () => {
  onBackend(wasm());

  it('the density of a flow with a regression agrees with a normal density computed in float64', () =>
    tidy(() => {
      const spec = flowSpec({ dim: 3, context: 2, blocks: 0, regression: options });
      const [y, c] = [drawNormal(key(1), [6, 3]), drawNormal(key(2), [6, 2])];
      const [ys, cs] = [y.arraySync() as number[][], c.arraySync() as number[][]];
      const { weight, bias, factor } = options;
      buildFlow(spec)
        .logProb(y, { condition: c })
        .dataSync()
        .forEach((logProb, r) => {
          const z: number[] = [];
          let wanted = -1.5 * Math.log(2 * Math.PI);
          factor.forEach((line, i) => {
            let rest = ys[r]![i]! - bias[i]! - weight[i]!.reduce((sum, slope, k) => sum + slope * cs[r]![k]!, 0);
            for (let j = 0; j < i; j++) rest -= line[j]! * z[j]!;
            z.push(rest / line[i]!);
            wanted -= z[i]! ** 2 / 2 + Math.log(line[i]!);
          });
          expect(Math.abs(logProb - wanted)).toBeLessThan(1e-5 * Math.max(1, Math.abs(wanted)));
        });
    }));

  it('a call without a context for each row is an error', () =>
    tidy(() => {
      const bijector = regression(options);
      expect(() => bijector.forward(zeros([4, 3]), { key: key(0) })).toThrow(/Missing condition/);
      expect(() => bijector.inverse(zeros([4, 3]), { key: key(0), condition: tensor([[1, 2]]) })).toThrow(
        /Wrong condition shape/,
      );
    }));

  it.each([
    [
      'a context size that differs from the number of columns of weight',
      { ...options, context: 3 },
      /Wrong weight: expected 3 rows of 3 finite numbers, got 3 entries of 2/,
    ],
    ['fewer weights than rows of factor', { ...options, weight: [[1, 2]] }, /Wrong weight/],
    ['ragged weights', { ...options, weight: [[1, 2], [1], [1, 2]] }, /Wrong weight/],
    [
      'a weight that is not finite',
      {
        ...options,
        weight: [
          [1, 2],
          [1, Number.NaN],
          [1, 2],
        ],
      },
      /Wrong weight/,
    ],
    ['a bias too few', { ...options, bias: [1, 2] }, /Wrong bias: expected 3 finite numbers, got 2 entries/],
    ['no factor', { ...options, factor: 5 }, /Wrong factor.*got number/],
    [
      'a diagonal of 0',
      {
        ...options,
        factor: [
          [1, 0, 0],
          [0, 0, 0],
          [0, 0, 1],
        ],
      },
      /Wrong factor/,
    ],
  ] as const)('%s is an error', (_name, wrong, message) => {
    expect(() => regression(wrong as never)).toThrow(
      expect.objectContaining({ code: 'option', message: expect.stringMatching(message) as string }) as Error,
    );
  });
});
