import { gmres } from '@impflow/adjoint-gmres';
import { cpu } from '@impflow/backend-cpu';
import { settle, startRegistered, type BackendAdapter, type SolveEnd } from '@impflow/core';
import { onBackend, solveLinear } from '@impflow/testkit';
import { memory, type Tensor } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { draw, linearizationOf, notNormal, norm, plus, rowsOf, stackOf, symmetric, transposed } from './dense.ts';

/** The cpu backend, but declared as a backend without synchronous reads, as WebGPU is. */
const unread: BackendAdapter = {
  name: 'unread',
  isAvailable: async () => true,
  start: async () => {
    await cpu().start();
    return startRegistered('cpu', {
      as: 'unread',
      capabilities: { precision: 32, syncRead: false, device: 'cpu', threads: 1 },
    });
  },
};

onBackend(unread);

it('`settle` reads the residuals after a solve, and repeats the solve with more steps', async () => {
  const d = 24;
  const matrices = [
    notNormal(d, 0.95, 1),
    symmetric(
      Array.from({ length: d }, (_, i) => -0.9 + i / 14),
      3,
    ),
  ];
  const rhs = draw(2, d, 5);
  const ends: SolveEnd[] = [];
  const [linearization, right] = [linearizationOf(matrices, [d]), stackOf(rhs, [d])];
  const before = memory().numTensors;
  let attempts = 0;
  const value: Tensor = await settle(() => {
    attempts += 1;
    const solution = gmres({ fallback: [] }).solve(linearization, right, (end) => {
      ends.push(end);
    });
    expect(solution.status).toBe('unread');
    return solution.value;
  });
  // There are three attempts. The first attempt has eight steps, and the two later attempts have more steps.
  expect(attempts).toBe(3);
  expect(ends.map(({ status }) => status)).toEqual(['converged']);
  expect(ends[0]!.stats.steps).toBeGreaterThan(16);
  rowsOf(value).forEach((u, i) => {
    const exact = solveLinear(transposed(matrices[i]!), rhs[i]!);
    expect(norm(plus(u, exact, -1)) / norm(exact)).toBeLessThan(2e-5);
  });
  value.dispose();
  expect(memory().numTensors).toBe(before);
  linearization.dispose();
  right.dispose();
});

it('within `settle`, unconverged samples continue with the fallback', async () => {
  const [linearization, right] = [linearizationOf([notNormal(24, 0.9, 1)], [24]), stackOf(draw(1, 24, 5), [24])];
  let end: SolveEnd | undefined;
  const value = await settle(
    () =>
      gmres({ maxSteps: 4 }).solve(linearization, right, (ended) => {
        end = ended;
      }).value,
  );
  expect(end!.status).toBe('converged');
  expect(end!.stats.path).toEqual(['gmres', 'anderson']);
  [value, right].forEach((tensor) => tensor.dispose());
  linearization.dispose();
});
