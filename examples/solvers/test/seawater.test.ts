import { wasm } from '@impflow/backend-wasm';
import { isFlowError, type Backend } from '@impflow/core';
import { broyden, newton, orThrow } from '@impflow/solvers';
import { fill, grad, sum, tensor1d } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { acidity, balance, K1, K2, KW, program } from '../seawater.mjs';

let backend: Backend;
beforeAll(async () => {
  backend = await wasm().start();
});
afterAll(() => {
  backend.dispose();
});

const ALKALINITY = [2.8, 2.3, 2, 1, 0.2, -0.3, -1];

/** Returns the pH in float64. Three equations eliminate three unknowns; bisection solves the remaining equation. */
const bisected = (alkalinity: number, carbon = 2): number => {
  let [low, high] = [0, 14];
  for (let i = 0; i < 100; i++) {
    const ph = (low + high) / 2;
    const h = 10 ** (3 - ph);
    const held = (carbon * (K1 * h + 2 * K1 * K2)) / (h * h + K1 * h + K1 * K2) + KW / h - h;
    if (held < alkalinity) low = ph;
    else high = ph;
  }
  return low;
};

it('the pH and its derivative with respect to alkalinity agree with bisection', () => {
  const [carbon, alkalinity] = [fill([ALKALINITY.length], 2), tensor1d(ALKALINITY)];
  const ph = acidity(carbon, alkalinity).dataSync();
  const slope = grad((a) => sum(acidity(carbon, a)))(alkalinity).dataSync();
  ALKALINITY.forEach((a, i) => {
    expect(Math.abs(ph[i]! - bisected(a))).toBeLessThan(1e-4);
    expect(slope[i]! / ((bisected(a + 1e-5) - bisected(a - 1e-5)) / 2e-5)).toBeCloseTo(1, 3);
  });
});

it('a sample without a solution is reported, and does not change the other samples', () => {
  const { value, status, stats } = balance(tensor1d([2, -1, 2, 2]), tensor1d([2.3, 2.3, NaN, 2]));
  expect(status).toBe('non-finite');
  expect([...stats.converged]).toEqual([1, 0, 0, 1]);
  const alone = orThrow(balance(tensor1d([2, 2]), tensor1d([2.3, 2])));
  const [got, wanted] = [value.arraySync() as number[][], alone.value.arraySync()];
  expect([got[0], got[3]]).toEqual(wanted);
});

it('a fallback continues with the samples that did not converge', () => {
  const water = [fill([4], 2), tensor1d([2.8, 2.3, 1, 0])] as const;
  const first = balance(...water, broyden());
  expect(first.status).not.toBe('converged');
  expect(() => orThrow(first)).toThrow(expect.toSatisfy((error: unknown) => isFlowError(error, 'convergence')));
  expect(balance(...water, broyden(), { fallback: [newton()] })).toMatchObject({
    status: 'converged',
    stats: { path: ['broyden', 'newton'] },
  });
});

it('the program prints the results of the README', () => {
  const lines: string[] = [];
  program((line) => {
    lines.push(line);
  });
  expect(lines.join('\n')).toMatch(
    /^\+{10} newton, nothing is lost: converged[\s\S]+pH 8\.210[\s\S]+^\+-- impossible samples: non-finite/m,
  );
});
