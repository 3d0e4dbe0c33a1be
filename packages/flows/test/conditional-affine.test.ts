import { wasm } from '@impflow/backend-wasm';
import { drawNormal, key, release } from '@impflow/core';
import { affineCoupling, buildFlow, conditionalAffine, flowSpec } from '@impflow/flows';
import { lively, onBackend, testBijector } from '@impflow/testkit';
import { adam, fitToEnd } from '@impflow/training';
import { add, concat, exp, mean, mul, neg, slice, tidy, zeros, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const backends = [wasm()];

for (const [dim, hidden] of [
  [1, [8]],
  [3, [8, 8]],
  [2, []],
] as const)
  testBijector({
    name: `conditionalAffine, dimension ${dim}, hidden [${hidden.join(', ')}]`,
    make: () => lively(conditionalAffine({ dim, hidden, context: 2, key: key(4) })),
    context: 2,
    backends,
  });

describe('`conditionalAffine`', () => {
  onBackend(wasm());

  it('`conditionalAffine` is the identity before training, and its parameters are named as in a coupling', () =>
    tidy(() => {
      const bijector = conditionalAffine({ dim: 3, hidden: [8], context: 2, key: key(1) });
      const y = drawNormal(key(2), [5, 3]);
      const { value, logDet } = bijector.forwardWithLogDet(y, { key: key(0), condition: drawNormal(key(3), [5, 2]) });
      expect(value.dataSync()).toEqual(y.dataSync());
      expect(Array.from(logDet.dataSync(), Math.abs)).toEqual([0, 0, 0, 0, 0]);
      expect(Object.keys(bijector.parameters)).toEqual(
        Object.keys(affineCoupling({ dim: 3, hidden: [8], context: 2, key: key(1) }).parameters),
      );
    }));

  it('the scales of `conditionalAffine` are bounded, so both directions are finite even for a net with large weights', () =>
    tidy(() => {
      const bijector = lively(conditionalAffine({ dim: 1, hidden: [4], context: 1, key: key(1) }), 1e4);
      const call = { key: key(0), condition: drawNormal(key(5), [50, 1]) };
      for (const method of ['forwardWithLogDet', 'inverseWithLogDet'] as const)
        for (const logDet of bijector[method](drawNormal(key(6), [50, 1]), call).logDet.dataSync())
          expect(Math.abs(logDet)).toBeLessThanOrEqual(4);
    }));

  it('`conditionalAffine` learns a mean and a scale that depend on the context', async () => {
    const spec = flowSpec({ dim: 1, context: 1, blocks: 0, conditionalAffine: [16] });
    const flow = buildFlow(spec, { key: key(7) });
    // y = 3 c + exp(c) e: the entropy given c is log(2 pi e) / 2 + c, and c has mean 0.
    const rows = (k: number): Tensor =>
      tidy(() => {
        const c = drawNormal(key(k), [256, 1]);
        return concat([add(mul(3, c), mul(exp(c), drawNormal(key(k + 1), [256, 1]))), c], 1);
      });
    const loss = (x: Tensor): Tensor =>
      neg(mean(flow.logProb(slice(x, [0, 0], [-1, 1]), { condition: slice(x, [0, 1], [-1, 1]) })));
    const { state } = await fitToEnd({
      model: flow,
      optimizer: adam(),
      learningRate: 1e-2,
      steps: 400,
      key: key(8),
      batch: (step) => rows(1000 + 2 * step),
      loss,
    });
    // The tolerance is 4 standard errors of the mean over 256 rows, whose terms have a standard deviation of about 1.2,
    // plus 0.05 for the error of the fit.
    const nats = tidy(() => loss(rows(10)).dataSync()[0]!);
    expect(nats - Math.log(2 * Math.PI * Math.E) / 2).toBeLessThan(0.35);
    release(state);
  });

  it.each([
    ['no context', { dim: 1, context: 0 }, /No context: expected a positive number of entries, got 0/],
    ['a width of 0', { dim: 1, context: 1, hidden: [0] }, /Wrong sizes/],
    ['widths that are not a list', { dim: 1, context: 1, hidden: 8 }, /Wrong sizes/],
  ] as const)('%s is an error', (_name, options, message) => {
    expect(() => conditionalAffine({ key: key(0), ...options } as never)).toThrow(
      expect.objectContaining({ code: 'option', message: expect.stringMatching(message) as string }) as Error,
    );
  });

  it('a call without a context for each row is an error', () =>
    tidy(() => {
      const bijector = conditionalAffine({ dim: 2, context: 2, key: key(0) });
      expect(() => bijector.forward(zeros([4, 2]), { key: key(0) })).toThrow(/Missing condition/);
      expect(() => bijector.inverse(zeros([4, 2]), { key: key(0), condition: zeros([4, 3]) })).toThrow(
        /Wrong condition shape/,
      );
    }));
});
