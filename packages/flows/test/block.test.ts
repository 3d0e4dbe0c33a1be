import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { key, drawNormal, scoped, valueAndGradients, type Contraction } from '@impflow/core';
import { implicitBlock, residualBlock } from '@impflow/flows';
import { mlp } from '@impflow/lipschitz';
import { exact, russianRoulette } from '@impflow/logdet';
import { anderson, fixedPoint, newton } from '@impflow/solvers';
import { lively, onBackend } from '@impflow/testkit';
import { add, memory, mul, sub, sum, variable, zeros } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { some } from '../../testkit/private/extent.mjs';

const largest = (x: { dataSync(): ArrayLike<number> }): number =>
  Array.from(x.dataSync()).reduce((most, entry) => Math.max(most, Math.abs(entry)), 0);
const net = (dim: number, seed = 1): Contraction => lively(mlp({ dim, hidden: [16], coeff: 0.9, key: key(seed) }));

describe.each(some([cpu(), wasm()]))('blocks on $name', (adapter) => {
  onBackend(adapter);

  it.each([
    [2, anderson()],
    [4, anderson()],
    [4, fixedPoint()],
  ] as const)(
    'the log-determinant is computed at the root even after a fallback to Newton: %i dimensions, %s',
    (dim, solver) =>
      scoped(() => {
        // Newton's method calls `linearize` of the map and never `apply`.
        const block = residualBlock({
          g: net(dim),
          solver,
          fallback: [newton()],
          tolerance: { maxSteps: 1 },
          evaluationLogDet: exact(),
        });
        const { value, logDet } = block.inverseWithLogDet(drawNormal(key(2), [6, dim]), { key: key(3) });
        expect(largest(add(block.forwardWithLogDet(value, { key: key(3) }).logDet, logDet))).toBeLessThan(1e-5);
      }),
  );

  it('for a copy of a net with other `apply` and `linearize`, the solver finds the roots of the copy', () =>
    scoped(() => {
      const whole = net(3);
      const half: Contraction = {
        ...whole,
        apply: (x) => mul(0.5, whole.apply(x)),
        linearize: (x) => {
          const g = whole.linearize(x);
          return { ...g, value: mul(0.5, g.value) };
        },
      };
      const z = drawNormal(key(4), [6, 3]);
      const x = residualBlock({ g: half }).inverse(z, { key: key(5) });
      expect(largest(sub(add(x, half.apply(x)), z))).toBeLessThan(1e-5);
    }));

  it('an implicit block accepts an empty batch', () =>
    scoped(() => {
      for (const logDet of [exact(), russianRoulette()]) {
        const block = implicitBlock({ gx: net(3), gz: net(3, 2), logDet, evaluationLogDet: logDet });
        for (const train of [true, false]) {
          const { value, logDet: found } = block.forwardWithLogDet(zeros([0, 3]), { key: key(6), train });
          expect([value.shape, found.shape]).toEqual([[0, 3], [0]]);
        }
      }
    }));

  it('a residual block with an exact log-determinant in 70 dimensions has a gradient', () =>
    scoped(() => {
      const block = residualBlock({ g: net(70), logDet: exact({ maxDim: 100 }) });
      const x = variable(drawNormal(key(7), [2, 70]));
      const { gradients } = valueAndGradients(
        () => sum(block.inverseWithLogDet(x, { key: key(8), train: true }).logDet),
        { x },
      );
      expect(largest(gradients['x']!)).toBeGreaterThan(0);
      x.dispose();
    }));

  it('if the loss throws an error, all tensors of the block are disposed', () => {
    const block = implicitBlock({ gx: net(3), gz: net(3, 2) });
    const x = variable(drawNormal(key(9), [5, 3]));
    const refused = residualBlock({ g: net(5), evaluationLogDet: exact({ maxDim: 2 }) });
    const fail = (): void => {
      expect(() =>
        valueAndGradients(
          () => {
            block.forwardWithLogDet(x, { key: key(10), train: true });
            throw new Error('from the loss');
          },
          { x },
        ),
      ).toThrow('from the loss');
      expect(() => scoped(() => refused.inverseWithLogDet(zeros([4, 5]), { key: key(11) }))).toThrow(
        'Too many dimensions',
      );
    };
    // The first call stores the capped weights, so tensors are counted after the first call.
    fail();
    const before = memory().numTensors;
    fail();
    expect(memory().numTensors).toBe(before);
    x.dispose();
  });
});
