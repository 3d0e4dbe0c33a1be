import { wasm } from '@impflow/backend-wasm';
import { drawNormal, key, scoped, type Contraction, type Recipe, type WholeCriteria } from '@impflow/core';
import { conditionalMlp, sandwich, sinActivation, snake } from '@impflow/lipschitz';
import { anderson, quasiNewton } from '@impflow/solvers';
import { onBackend } from '@impflow/testkit';
import { add, gather, mul, sub, tensor1d, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const common = { dim: 3, hidden: [20, 20], coeff: 0.97, key: key(1) };
const nets = {
  'a capped net': () => conditionalMlp({ ...common, activation: sinActivation, context: 2 }),
  'a sandwich net': () => sandwich({ ...common, activation: snake, context: 2 }),
} as const;
/** The kernel solves 64 samples at a time, and drops samples that have converged. */
const ROWS = 200;
const CRITERIA: WholeCriteria = { atol: 1e-6, rtol: 1e-6, divergence: 1e6, maxSteps: 100 };

/** Returns a net whose last layer is not zero, so that its output depends on the condition. */
const lively = (name: keyof typeof nets): Contraction => {
  const net = nets[name]();
  for (const [path, parameter] of Object.entries(net.parameters))
    if (path.endsWith('weight')) parameter.assign(mul(drawNormal(key(path.length), parameter.shape), 0.7));
  net.refresh({ tolerance: 1e-5 });
  return net;
};

describe.each(Object.keys(nets) as (keyof typeof nets)[])('the root of %s under conditions, in one kernel', (name) => {
  onBackend(wasm());

  describe.each([
    ['anderson', anderson().recipe!],
    ['quasi-newton', quasiNewton().recipe!],
  ] as const)('by %s', (_method, recipe: Recipe) => {
    const rooted = (net: Contraction, h: Tensor, condition: Tensor) =>
      net.root!(h, recipe, CRITERIA, undefined, condition)!;

    it('the kernel solves z + g(z, c) = h for each row with the condition c of the row', () =>
      scoped(() => {
        const net = lively(name);
        const [h, condition] = [mul(drawNormal(key(2), [ROWS, 3]), 2), mul(drawNormal(key(3), [ROWS, 2]), 2)];
        const { value } = rooted(net, h, condition);
        const off = (under: Tensor): number =>
          Math.max(...Array.from(sub(add(value, net.apply(value, under)), h).dataSync(), Math.abs));
        expect(off(condition)).toBeLessThan(1e-4);
        // The roots for different conditions differ.
        expect(off(mul(condition, -1))).toBeGreaterThan(0.1);
      }));

    it('the root of a row does not depend on the other rows of the batch', () =>
      scoped(() => {
        const net = lively(name);
        const [h, condition] = [drawNormal(key(4), [ROWS, 3]), drawNormal(key(5), [ROWS, 2])];
        const order = Array.from({ length: ROWS }, (_, i) => (7 * i + 3) % ROWS);
        const turned = (x: Tensor): Tensor => gather(x, tensor1d(order, 'int32'));
        const all = rooted(net, h, condition).value;
        const other = rooted(net, turned(h), turned(condition)).value;
        expect(other.dataSync()).toEqual(turned(all).dataSync());
      }));
  });
});
