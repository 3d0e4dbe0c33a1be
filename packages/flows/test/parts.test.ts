import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { key, drawNormal, type Bijector, type Context } from '@impflow/core';
import {
  actNorm,
  affineCoupling,
  chain,
  implicitBlock,
  invertibleLinear,
  logit,
  normalBase,
  normalizingFlow,
  permutation,
  shuffled,
  standardize,
  quantileMap,
  whiten,
} from '@impflow/flows';
import { mlp } from '@impflow/lipschitz';
import { lively, onBackend } from '@impflow/testkit';
import { add, memory, moments, mul, ones, tensor, tensor1d, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { some } from '../../testkit/private/extent.mjs';

const call: Context = { key: key(0) };

/** Mean and unbiased variance of each column. */
const columns = (x: Tensor): { readonly mean: number[]; readonly variance: number[] } => {
  const { mean, variance } = moments(x, 0);
  const rows = x.shape[0]!;
  return {
    mean: Array.from(mean.dataSync()),
    variance: Array.from(variance.dataSync(), (v) => (v * rows) / (rows - 1)),
  };
};

const expectStandard = (x: Tensor): void => {
  const { mean, variance } = columns(x);
  for (const value of mean) expect(Math.abs(value)).toBeLessThan(1e-5);
  for (const value of variance) expect(Math.abs(value - 1)).toBeLessThan(1e-4);
};

describe.each(some([cpu(), wasm()]))('on $name', (adapter) => {
  onBackend(adapter);

  const data = (): Tensor => add(tensor1d([3, -2, 0]), mul(tensor1d([0.1, 5, 1]), drawNormal(key(1), [400, 3])));

  it('`actNorm` maps its first batch to mean 0 and variance 1, and allocates no new tensors', () =>
    tidy(() => {
      const x = data();
      const bijector = actNorm({ dim: 3 });
      const before = memory().numTensors;
      bijector.initialize(x, call);
      expect(memory().numTensors).toBe(before);
      expectStandard(bijector.forward(x, call));
    }));

  it('the results of `actNorm` are finite for a constant column and for a single row', () =>
    tidy(() => {
      for (const x of [ones([20, 2]), ones([1, 2])]) {
        const bijector = actNorm({ dim: 2 });
        bijector.initialize(x, call);
        const { value, logDet } = bijector.forwardWithLogDet(x, call);
        expect([...value.dataSync(), ...logDet.dataSync()].every(Number.isFinite)).toBe(true);
      }
    }));

  it('`actNorm` does not scale a column that is constant in the first batch', () =>
    tidy(() => {
      const bijector = actNorm({ dim: 2 });
      bijector.initialize(
        tensor([
          [7, 1],
          [7, 5],
        ]),
        call,
      );
      const { value, logDet } = bijector.forwardWithLogDet(tensor([[27.5, 3]]), call);
      expect(Array.from(value.dataSync())).toEqual([20.5, 0]);
      // The variance of 1 and 5 is 8.
      expect(logDet.dataSync()[0]).toBeCloseTo(-0.5 * Math.log(8), 5);
    }));

  it('a chain initializes each part with the output of the previous parts', () =>
    tidy(() => {
      const x = data();
      const bijector = chain({
        first: actNorm({ dim: 3 }),
        block: lively(
          implicitBlock({
            gx: mlp({ dim: 3, hidden: [8], key: key(2) }),
            gz: mlp({ dim: 3, hidden: [8], key: key(3) }),
          }),
          2,
        ),
        inner: chain({ second: actNorm({ dim: 3 }) }),
      });
      // The first call can create tensors that the block keeps, so tensors are counted after the first call.
      bijector.forward(x, call).dispose();
      const warm = memory().numTensors;
      bijector.initialize(x, call);
      expect(memory().numTensors).toBe(warm);
      expectStandard(bijector.forward(x, call));
      // The input of the part `second` did not have variance 1, so the initialization must have changed the scale of
      // `second`.
      expect(Math.max(...bijector.parameters['inner.second.weight']!.dataSync().map(Math.abs))).toBeGreaterThan(0.01);
      expect(Object.keys(bijector.parameters)).toEqual(
        expect.arrayContaining(['first.weight', 'block.gx.layers.0.weight', 'inner.second.bias']),
      );
    }));

  it('a chain adds the log-determinants of its parts, and reports contain the path of the block', () =>
    tidy(() => {
      const parts: Record<string, Bijector> = {
        a: standardize({ mean: [0, 0], scale: [2, 4] }),
        b: actNorm({ dim: 2 }),
        c: standardize({ mean: [1, 1], scale: [0.5, 0.5] }),
      };
      const { value, logDet } = chain(parts).forwardWithLogDet(tensor([[2, 4]]), call);
      expect(Array.from(value.dataSync())).toEqual([0, 0]);
      expect(logDet.dataSync()[0]).toBeCloseTo(-Math.log(2), 6);
      const seen: string[] = [];
      const block = implicitBlock({
        gx: mlp({ dim: 2, hidden: [4], key: key(2) }),
        gz: mlp({ dim: 2, hidden: [4], key: key(3) }),
      });
      chain({ outer: chain({ 0: block }) }).forward(tensor([[2, 4]]), {
        ...call,
        report: ({ at, phase }) => seen.push(`${at} ${phase}`),
      });
      expect(seen).toEqual(['outer.0 forward']);
    }));

  it('`parts` of a chain lists its parts in forward order, and their composition equals the chain', () =>
    tidy(() => {
      const [a, b] = [standardize({ mean: [0, 1], scale: [2, 4] }), actNorm({ dim: 2 })];
      const whole = chain({ outer: chain({ b, a }) });
      expect(Object.keys(whole.parts!)).toEqual(['outer']);
      expect(Object.entries(whole.parts!['outer']!.parts!)).toEqual([
        ['b', b],
        ['a', a],
      ]);
      expect(b.parts).toBeUndefined();
      const x = drawNormal(key(7), [5, 2]);
      const oneByOne = Object.values(whole.parts!['outer']!.parts!).reduce((y, part) => part.forward(y, call), x);
      expect(oneByOne.dataSync()).toEqual(whole.forward(x, call).dataSync());
    }));

  it('`invertibleLinear`: the log-determinant is the sum of log |d| over the diagonal entries d, even for negative d', () =>
    tidy(() => {
      const bijector = invertibleLinear({ dim: 3, key: key(4) });
      bijector.parameters['diagonal']!.assign(tensor1d([2, -0.5, 3]));
      const { value, logDet } = bijector.forwardWithLogDet(drawNormal(key(5), [4, 3]), call);
      for (const got of logDet.dataSync()) expect(got).toBeCloseTo(Math.log(3), 5);
      const back = bijector.inverseWithLogDet(value, call);
      for (const got of back.logDet.dataSync()) expect(got).toBeCloseTo(-Math.log(3), 5);
      drawNormal(key(5), [4, 3])
        .dataSync()
        .forEach((entry, i) => expect(back.value.dataSync()[i]).toBeCloseTo(entry, 4));
    }));
});

describe('wrong options of blocks', () => {
  onBackend(cpu());

  it.each([
    [
      'a permutation without one of the features',
      () => permutation({ order: [0, 2, 2] }),
      'option',
      /Wrong order: expected each of 0 to 2 once, got \[0, 2, 2\]/,
    ],
    [
      'a triangle with entries above its diagonal',
      () =>
        whiten({
          factor: [
            [1, 2],
            [0, 1],
          ],
        }),
      'option',
      /Wrong factor: expected a square lower triangle/,
    ],
    [
      'knots that are not in ascending order',
      () => quantileMap({ knots: [[0, 0]], levels: [0, 1] }),
      'option',
      /Wrong knots: expected for each column 2 finite numbers in ascending order/,
    ],
    [
      'a scale of zero',
      () => standardize({ mean: [0, 0], scale: [1, 0] }),
      'option',
      /Wrong scale: expected 2 positive numbers, got \[1, 0\]\. Leave constant columns out/,
    ],
    ['fewer scales than means', () => standardize({ mean: [0, 0], scale: [1] }), 'option', /Wrong scale/],
    [
      'a mean that is not a number',
      () => standardize({ mean: [0, Number.NaN], scale: [1, 1] }),
      'option',
      /Wrong mean: expected finite numbers, got \[0, NaN\]/,
    ],
    [
      'a coupling of one feature',
      () => affineCoupling({ dim: 1, key: key(0) }),
      'option',
      /Too few features: expected at least 2, got 1/,
    ],
    ['a logit with alpha 1/2', () => logit({ dim: 1, alpha: 0.5 }), 'option', /Wrong alpha/],
    ['an empty chain', () => chain({}), 'shape', /A chain without parts/],
    [
      'a chain of parts with different shapes',
      () => chain({ a: actNorm({ dim: 2 }), b: actNorm({ dim: 3 }) }),
      'shape',
      /different shapes: expected \[B, 2\] as input of b, the output shape of a, got \[B, 3\]/,
    ],
    [
      'a base whose dimension differs from the dimension of the bijector',
      () => normalizingFlow(normalBase({ dim: 3 }), actNorm({ dim: 2 })),
      'shape',
      /expected dimension 2, got 3/,
    ],
    [
      'nets of different dimensions',
      () => implicitBlock({ gx: mlp({ dim: 2, key: key(0) }), gz: mlp({ dim: 3, key: key(0) }) }),
      'shape',
      /The nets have different shapes/,
    ],
  ] as const)('%s', (_name, make, code, message) => {
    expect(make).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error);
  });

  it('`shuffled` returns an order that `permutation` accepts', () => {
    expect(permutation({ order: shuffled(key(6), 9) }).shape).toEqual([9]);
    expect(shuffled(key(6), 9)).not.toEqual(shuffled(key(7), 9));
  });
});
