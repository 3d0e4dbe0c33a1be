import { wasm } from '@impflow/backend-wasm';
import { key, sampleNorm, type Backend } from '@impflow/core';
import { reluActivation } from '@impflow/lipschitz';
import { div, max, sub, tidy } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { distance, gap, generator, KNOWN, moons, teach } from '../../critic.mjs';

let backend: Backend;
beforeAll(async () => {
  backend = await wasm().start();
});
afterAll(() => {
  backend.dispose();
});

/**
 * Returns the Wasserstein distance of two sets with the same number of points: the mean distance of the cheapest
 * pairing, in float64. See Kuhn, The Hungarian Method, 1955, with the potentials of Edmonds and Karp.
 */
const paired = (xs: readonly (readonly number[])[], ys: readonly (readonly number[])[]): number => {
  const n = xs.length;
  const cost = (i: number, j: number): number => Math.hypot(xs[i]![0]! - ys[j]![0]!, xs[i]![1]! - ys[j]![1]!);
  const [u, v, partner] = [new Float64Array(n), new Float64Array(n + 1), new Int32Array(n + 1).fill(-1)];
  for (let row = 0; row < n; row++) {
    const [least, from, seen] = [new Float64Array(n).fill(Infinity), new Int32Array(n).fill(n), new Uint8Array(n + 1)];
    let column = n;
    partner[n] = row;
    while (partner[column] !== -1) {
      seen[column] = 1;
      const i = partner[column]!;
      let [step, next] = [Infinity, n];
      for (let j = 0; j < n; j++) {
        if (seen[j] === 1) continue;
        const reduced = cost(i, j) - u[i]! - v[j]!;
        if (reduced < least[j]!) {
          least[j] = reduced;
          from[j] = column;
        }
        if (least[j]! < step) {
          step = least[j]!;
          next = j;
        }
      }
      for (let j = 0; j <= n; j++) {
        if (seen[j] === 1) {
          u[partner[j]!]! += step;
          v[j]! -= step;
        } else if (j < n) least[j]! -= step;
      }
      column = next;
    }
    while (column !== n) {
      partner[column] = partner[from[column]!]!;
      column = from[column]!;
    }
    partner[n] = -1;
  }
  return Array.from({ length: n }, (_, j) => cost(partner[j]!, j)).reduce((sum, one) => sum + one, 0) / n;
};

it.each(KNOWN)('a critic finds the distance between $name', ({ x, y, exact }) => {
  const { found, critic } = distance(x, y, { steps: 200 });
  expect(found / exact).toBeGreaterThan(0.9);
  expect(found / exact).toBeLessThan(1.05);
  tidy(() => {
    const [a, b] = [x(key(31), 150), y(key(32), 150)];
    // By the theorem of Kantorovich and Rubinstein, for a function with slopes of at most one, the means over two
    // samples differ by at most the cost of the cheapest pairing.
    const most = paired(a.arraySync() as number[][], b.arraySync() as number[][]);
    const seen = gap(critic, a, b).dataSync()[0]!;
    expect(seen).toBeLessThan(most * (1 + 1e-3));
    expect(seen).toBeGreaterThan(0.75 * most);
    const slopes = div(sampleNorm(sub(critic.apply(a), critic.apply(b))), sampleNorm(sub(a, b)));
    expect(max(slopes).dataSync()[0]).toBeLessThan(1 + 1e-3);
  });
});

it('a critic with `relu`, which shrinks gradients, finds less than 70 % of the exact distance', () => {
  const { x, y, exact } = KNOWN[2]!;
  expect(distance(x, y, { activation: reluActivation, steps: 200 }).found).toBeLessThan(0.7 * exact);
});

it('training against the critic improves a generator', () => {
  const before = distance(moons, generator().draw, { steps: 150 }).found;
  const { draw } = teach(moons, { turns: 150 });
  expect(distance(moons, draw, { steps: 150 }).found).toBeLessThan(0.5 * before);
});
