import { wasm } from '@impflow/backend-wasm';
import { key, drawNormal, valueAndGradients, type Bijector } from '@impflow/core';
import {
  affineCoupling,
  buildFlow,
  flowSpec,
  implicitBlock,
  monotoneBlock,
  residualBlock,
  type RootOptions,
} from '@impflow/flows';
import { conditionalMlp } from '@impflow/lipschitz';
import { anderson, iterativeAdjoint } from '@impflow/solvers';
import { derivative, lively, onBackend, testBijector } from '@impflow/testkit';
import { matMul, mul, sum, tensor, tidy, variable, zeros, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const net = (dim: number, seed: number) => conditionalMlp({ dim, hidden: [8], coeff: 0.9, context: 2, key: key(seed) });
const implicit = (options: RootOptions = {}): Bijector =>
  lively(implicitBlock({ ...options, gx: net(2, 1), gz: net(2, 2) }));

testBijector({ name: 'conditional implicitBlock', make: () => implicit(), context: 2, backends: [wasm()] });
testBijector({
  name: 'conditional implicitBlock without Jacobians',
  make: () => implicit({ solver: anderson(), adjoint: iterativeAdjoint() }),
  context: 2,
  backends: [wasm()],
});
testBijector({
  name: 'conditional residualBlock',
  make: () => lively(residualBlock({ g: net(3, 3) })),
  context: 2,
  backends: [wasm()],
});
testBijector({
  name: 'conditional affineCoupling',
  make: () => lively(affineCoupling({ dim: 3, hidden: [8], context: 2, key: key(4) })),
  context: 2,
  backends: [wasm()],
});

describe('a condition', () => {
  onBackend(wasm());

  it('the density depends on the condition', () =>
    tidy(() => {
      const flow = lively(buildFlow(flowSpec({ dim: 2, blocks: 1, hidden: [8], context: 2 })));
      const x = drawNormal(key(5), [4, 2]);
      const at = (value: number): number[] =>
        Array.from(flow.logProb(x, { condition: mul(value, drawNormal(key(6), [4, 2])) }).dataSync());
      at(0).forEach((logProb, i) => expect(Math.abs(logProb - at(1)[i]!)).toBeGreaterThan(1e-3));
    }));

  it('if the loss computes the condition from a variable, the variable receives a gradient', () =>
    tidy(() => {
      const bijector = implicit();
      const x = drawNormal(key(7), [5, 2]);
      const raw = drawNormal(key(8), [5, 3]);
      const embedding = variable(drawNormal(key(9), [3, 2]));
      const loss = (): Tensor => {
        const { value, logDet } = bijector.forwardWithLogDet(x, { key: key(0), condition: matMul(raw, embedding) });
        return sum(mul(sum(value, 1), logDet));
      };
      const { gradients } = valueAndGradients(loss, { embedding });
      const entries = Float32Array.from(embedding.dataSync());
      gradients['embedding']!.dataSync().forEach((gradient, i) => {
        const difference = derivative((shift) => {
          embedding.assign(tensor(entries.with(i, entries[i]! + shift), [3, 2]));
          return tidy(loss).dataSync()[0]!;
        }, 0.01);
        expect(Math.abs(gradient - difference)).toBeLessThan(2e-3 * Math.max(1, Math.abs(difference)));
      });
    }));

  it.each([
    ['implicit', () => implicit()],
    ['residual', () => lively(residualBlock({ g: net(2, 3) }))],
    ['monotone', () => lively(monotoneBlock({ g: net(2, 3) }))],
    ['coupling', () => affineCoupling({ dim: 2, context: 2, key: key(4) })],
  ] as const)('a missing condition and a condition of a wrong shape are errors: %s', (_name, make) =>
    tidy(() => {
      const bijector = make();
      const x = zeros([4, 2]);
      for (const method of ['forward', 'inverse', 'forwardWithLogDet', 'inverseWithLogDet'] as const) {
        expect(() => bijector[method](x, { key: key(0) })).toThrow(
          /Missing condition: expected a tensor \[4, 2\], got none\. Pass `condition`/,
        );
        expect(() => bijector[method](x, { key: key(0), condition: zeros([4, 3]) })).toThrow(
          /Wrong condition shape: expected a tensor \[4, 2\], got \[4, 3\]/,
        );
        expect(() => bijector[method](x, { key: key(0), condition: zeros([1, 2]) })).toThrow(/Wrong condition shape/);
      }
    }),
  );
});
