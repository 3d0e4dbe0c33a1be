import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { drawNormal, key, settle, type Linearization, type SolveEnd } from '@impflow/core';
import { directAdjoint, linearizeByTape } from '@impflow/solvers';
import { onBackend } from '@impflow/testkit';
import { matMul, memory, mul, tensor2d, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { some } from '../../testkit/private/extent.mjs';
import { unreadBackend } from './unread-backend.ts';

/** Returns a linearization of `g(y) = y w`, a right-hand side, and a function that disposes both. */
const system = (): { readonly g: Linearization; readonly rhs: Tensor; readonly dispose: () => void } => {
  const [w, y, rhs] = tidy(() => [
    mul(drawNormal(key(1), [6, 6]), 0.2),
    drawNormal(key(2), [3, 6]),
    drawNormal(key(3), [3, 6]),
  ]) as [Tensor, Tensor, Tensor];
  const g = linearizeByTape((x) => matMul(x, w), y);
  return {
    g,
    rhs,
    dispose: () => {
      g.dispose();
      for (const tensor of [w, y, rhs]) tensor.dispose();
    },
  };
};
/** A tolerance that no solve can reach: it is far below the rounding errors of float32. */
const UNREACHABLE = 1e-12;
const missed = { solver: 'direct', steps: 1, evaluations: 0, path: ['direct'] };

describe.each(some([cpu(), wasm()]))('directAdjoint on $name', (backend) => {
  onBackend(backend);

  it('`directAdjoint` counts a solve as one step, even if the residual is above the tolerance', () => {
    const before = memory().numTensors;
    const { g, rhs, dispose } = system();
    const ends: SolveEnd[] = [];
    const { value, status, stats } = directAdjoint({ rtol: UNREACHABLE }).solve(g, rhs, (end) => ends.push(end));
    expect(status).toBe('max-steps');
    expect(stats).toMatchObject({ ...missed, status: ['max-steps', 'max-steps', 'max-steps'] });
    expect([...stats.converged]).toEqual([0, 0, 0]);
    stats.residual.forEach((residual) => expect(residual).toBeLessThan(1e-6));
    expect(ends).toEqual([{ status, stats }]);
    value.dispose();
    dispose();
    expect(memory().numTensors).toBe(before);
  });

  it('`directAdjoint` reports a singular system with the status `non-finite`', () =>
    tidy(() => {
      const g = linearizeByTape((y) => mul(-1, y), tensor2d([[1, 2]]));
      expect(directAdjoint().solve(g, tensor2d([[1, 1]])).status).toBe('non-finite');
      g.dispose();
    }));
});

describe('`directAdjoint` on a backend without synchronous reads', () => {
  onBackend(unreadBackend);

  it.each([
    ['converged', 1e-6],
    ['max-steps', UNREACHABLE],
  ] as const)('`settle` reads the status of the solve and does not repeat the solve: %s', async (expected, rtol) => {
    const { g, rhs, dispose } = system();
    const before = memory().numTensors;
    const ends: SolveEnd[] = [];
    let attempts = 0;
    const { value, status } = await settle(() => {
      attempts += 1;
      return directAdjoint({ rtol }).solve(g, rhs, (end) => ends.push(end));
    });
    expect([attempts, status]).toEqual([1, 'unread']);
    expect(ends.map((end) => end.status)).toEqual([expected]);
    expect(ends[0]!.stats).toMatchObject(missed);
    value.dispose();
    expect(memory().numTensors).toBe(before + 1);
    dispose();
  });
});
