import { webgpu } from '@impflow/backend-webgpu';
import { key, scoped, settle, drawUniform, type SolveEnd, type TensorMap } from '@impflow/core';
import { anderson, fixedPoint, implicit, safeguards, solve } from '@impflow/solvers';
import { onBackend } from '@impflow/testkit';
import { concat, engine, memory, mul, square, sub, tensor2d, variable, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

// The map contains no sine, because the WebGPU standard allows sines to have an error of 2^-11.
const map: TensorMap = (y) => sub(1, mul(0.45, square(y)));
const ROOT = (Math.sqrt(2.8) - 1) / 0.9;
const starts = (seed: number, rows: number): Tensor => drawUniform(key(seed), [rows, 2], 0, 1);

describe('solves on a backend without synchronous reads', () => {
  onBackend(webgpu());

  it('a solve outside `settle` throws, because its residuals could not be read', () => {
    const before = memory().numTensors;
    expect(() => scoped(() => solve(map, tensor2d([[0]]), { solver: anderson() }))).toThrow(
      '[solvers/solve] This backend has no synchronous read, so `solve` cannot check convergence. ' +
        'Wrap the call: await settle(() => flow.logProb(x)).',
    );
    expect(memory().numTensors).toBe(before);
  });

  it('`settle` reads the residuals after the solve, and reports the number of steps that the solve needed', async () => {
    const ends: SolveEnd[] = [];
    const y0 = starts(1, 300);
    const { value, status } = await settle(() =>
      solve(map, y0, {
        solver: anderson(),
        onEnd: (end) => {
          ends.push(end);
        },
      }),
    );
    expect(status).toBe('unread');
    expect(ends.map((end) => end.status)).toEqual(['converged']);
    const { stats } = ends[0]!;
    expect(stats.residual.length).toBe(300);
    expect(stats.converged.every((flag) => flag === 1)).toBe(true);
    expect(stats.steps).toBeGreaterThan(2);
    for (const x of await value.data()) expect(Math.abs(x - ROOT)).toBeLessThan(3e-6);
  });

  it('`settle` repeats a solve with more steps until it converges, with and without a fallback', async () => {
    // Fixed-point iteration needs about 30 steps, and the first attempt has only eight steps.
    let attempts = 0;
    let ended: SolveEnd | undefined;
    const y0 = starts(2, 50);
    const before = memory().numTensors;
    const { value } = await settle(() => {
      attempts += 1;
      return solve(map, y0, {
        solver: fixedPoint(),
        onEnd: (end) => {
          ended = end;
        },
      });
    });
    expect(ended!.status).toBe('converged');
    expect(attempts).toBeGreaterThan(1);
    expect(memory().numTensors).toBe(before + 1);
    value.dispose();

    const slow = await settle(() =>
      solve(map, y0, {
        solver: fixedPoint(),
        maxSteps: 3,
        fallback: safeguards(),
        onEnd: (end) => {
          ended = end;
        },
      }),
    );
    expect(ended!.status).toBe('converged');
    expect(ended!.stats.path.length).toBeGreaterThan(1);
    for (const x of await slow.value.data()) expect(Math.abs(x - ROOT)).toBeLessThan(3e-6);
    slow.value.dispose();
    expect(memory().numTensors).toBe(before);
  });

  it('`settle` stops for samples that are not finite and for a map that does not converge', async () => {
    let ended: SolveEnd | undefined;
    const y0 = concat([tensor2d([[NaN, 0]]), starts(3, 49)]);
    const bad = await settle(() =>
      solve(map, y0, {
        solver: anderson(),
        onEnd: (end) => {
          ended = end;
        },
      }),
    );
    expect(ended!.status).toBe('non-finite');
    expect([...ended!.stats.converged]).toEqual([0, ...Array.from({ length: 49 }, () => 1)]);
    bad.value.dispose();
    const never = await settle(
      () =>
        solve((y) => mul(-1, y), starts(4, 5), {
          solver: fixedPoint(),
          onEnd: (end) => {
            ended = end;
          },
        }),
      { most: 32 },
    );
    expect(ended!.status).toBe('max-steps');
    never.value.dispose();
  });

  it('within `settle`, gradients are correct, and the adjoint solve is also reported', async () => {
    const a = variable(tensor2d([[0.5]]));
    const ends: SolveEnd[] = [];
    const { gradient } = await settle(() =>
      scoped(() => {
        const { value, grads } = engine().gradients(
          () => {
            const { value: y } = implicit((z) => sub(1, mul(a, square(z))), tensor2d([[0], [1]]), {
              solver: anderson(),
              onEnd: (end) => {
                ends.push(end);
              },
              onAdjoint: (end) => {
                ends.push(end);
              },
            });
            return mul(y, 1);
          },
          [a],
          tensor2d([[1], [1]]),
          true,
        );
        value.dispose();
        return { gradient: grads[0]! };
      }),
    );
    expect(ends.map(({ status }) => status)).toEqual(['converged', 'converged']);
    // y = 1 - a y^2: dy/da = -y^2 / (1 + 2 a y), added for two rows.
    const y = (Math.sqrt(1 + 4 * 0.5) - 1) / (2 * 0.5);
    expect((await gradient.data())[0]).toBeCloseTo((-2 * y * y) / (1 + 2 * 0.5 * y), 5);
    a.dispose();
  });

  it('if the computation throws, all tensors of its solves are disposed', async () => {
    const y0 = starts(5, 5);
    const before = memory().numTensors;
    await expect(
      settle(() =>
        scoped(() => {
          solve(map, y0, { solver: anderson() });
          throw new Error('no');
        }),
      ),
    ).rejects.toThrow('no');
    expect(memory().numTensors).toBe(before);
  });
});
