import { wasm } from '@impflow/backend-wasm';
import type { Backend } from '@impflow/core';
import { anderson, broyden, fixedPoint, newton } from '@impflow/solvers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FRIENDS, program, ranks, steps } from '../pagerank.mjs';

let backend: Backend;
beforeAll(async () => {
  backend = await wasm().start();
});
afterAll(() => {
  backend.dispose();
});

/** Returns `(1 - a) (I - a P)^-1` in float64, by Gauss-Jordan elimination with pivoting. */
const direct = (follow: number): readonly (readonly number[])[] => {
  const P = steps();
  const system = P.map((row, i) => [
    ...Array.from(row, (odds, j) => Number(i === j) - follow * odds),
    ...Array.from(row, (_, j) => Number(i === j)),
  ]);
  for (let j = 0; j < system.length; j++) {
    const at = system.reduce(
      (best, row, i) => (i >= j && Math.abs(row[j]!) > Math.abs(system[best]![j]!) ? i : best),
      j,
    );
    [system[j], system[at]] = [system[at]!, system[j]!];
    const pivot = system[j]![j]!;
    const scaled = system[j]!.map((entry) => entry / pivot);
    system.forEach((row, i) => {
      system[i] = i === j ? scaled : row.map((entry, k) => entry - row[j]! * scaled[k]!);
    });
  }
  return system.map((row) => row.slice(P.length).map((entry) => (1 - follow) * entry));
};

it('the graph of the club has 78 friendships', () => {
  expect(new Set(FRIENDS.map(([a, b]) => 34 * a + b)).size).toBe(78);
  expect(
    steps()
      .map((row) => row.filter((odds) => odds > 0).length)
      .reduce((sum, n) => sum + n, 0),
  ).toBe(156);
});

it.each([fixedPoint(), anderson(), broyden(), newton()])('$name agrees with a direct solution', (solver) => {
  const {
    value,
    stats: { evaluations },
  } = ranks(solver);
  const wanted = direct(0.85);
  (value.arraySync() as number[][]).forEach((row, i) => {
    row.forEach((rank, j) => {
      expect(Math.abs(rank - wanted[i]![j]!)).toBeLessThan(1e-5);
    });
  });
  expect(evaluations).toBeLessThan(solver.name === 'fixed-point' ? 60 : 25);
  value.dispose();
});

it('the program prints the members that the walk from a member visits most often', () => {
  const lines: string[] = [];
  program((line) => {
    lines.push(line);
  });
  expect(lines.join('\n')).toMatch(/member 34 is most often at 34 \(0\.268\), 33 /);
});
