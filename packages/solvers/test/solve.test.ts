import { wasm } from '@impflow/backend-wasm';
import {
  isFlowError,
  key,
  drawNormal,
  scoped,
  startRegistered,
  type Iterate,
  type Solver,
  type TensorMap,
} from '@impflow/core';
import { anderson, broyden, fixedPoint, linearizeByTape, newton, quasiNewton, solve, solvers } from '@impflow/solvers';
import { onBackend } from '@impflow/testkit';
import {
  add,
  concat,
  cos,
  gather,
  grad,
  matMul,
  memory,
  mul,
  reshape,
  slice,
  square,
  stack,
  sub,
  sum,
  tensor2d,
  unstack,
  zeros,
  type Tensor,
  type Tensor1D,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

onBackend(wasm());

const half: TensorMap = (y) => mul(0.5, cos(y));

describe('`solve` without a flow', () => {
  it('`solve` finds the fixed point of the cosine', () =>
    scoped(() => {
      const { value, status } = solve(cos, tensor2d([[0], [1]]), { solver: anderson() });
      expect(status).toBe('converged');
      value.dataSync().forEach((x) => expect(x).toBeCloseTo(0.7390851332151607, 5));
    }));

  it('`solve` finds the solution of a system that is written as a root problem', () =>
    scoped(() => {
      // x + 0.3 y^2 = 1 and y + 0.2 x y = 0.5; the reference is Newton's method in float64.
      const system: TensorMap = (point) => {
        const [x, y] = unstack(point, 1) as [Tensor, Tensor];
        return stack([sub(add(x, mul(0.3, square(y))), 1), sub(add(y, mul(0.2, mul(x, y))), 0.5)], 1);
      };
      let [x, y] = [1, 1];
      for (let i = 0; i < 20; i++) {
        const [f, g] = [x + 0.3 * y * y - 1, y + 0.2 * x * y - 0.5];
        const [a, b, c, d] = [1, 0.6 * y, 0.2 * y, 1 + 0.2 * x];
        const det = a * d - b * c;
        [x, y] = [x - (d * f - b * g) / det, y - (a * g - c * f) / det];
      }
      const { value, status } = solve(system, tensor2d([[1, 1]]), { solver: broyden() });
      expect(status).toBe('converged');
      expect([...value.dataSync()].map((v) => v.toFixed(5))).toEqual([x, y].map((v) => v.toFixed(5)));
    }));

  it('the registry makes solvers by name', () => {
    expect(solvers.create({ name: 'anderson', options: { memory: 2 } }).name).toBe('anderson');
    expect(() => solvers.create({ name: 'broiden' })).toThrow('Did you mean "broyden"?');
  });
});

describe('`solve`', () => {
  it('solvers are called with rows [B, d]; the map and its methods `linearize` and `among` are called with events', () =>
    scoped(() => {
      const event = [2, 3];
      const w = mul(drawNormal(key(7), [6, 6]), 0.15);
      const f = (y: Tensor): Tensor => {
        expect(y.shape.slice(1)).toEqual(event);
        return reshape(cos(matMul(reshape(y, [-1, 6]), w)), y.shape);
      };
      const map = Object.assign((y: Tensor) => f(y), {
        linearize: (y: Tensor) => linearizeByTape(f, y),
        among: () => f,
      });
      const y0 = drawNormal(key(8), [20, ...event]);
      const expected = solve(map, y0, { solver: fixedPoint(), maxSteps: 300 }).value.dataSync();
      const root = Object.assign((y: Tensor) => sub(y, f(y)), {
        linearize: (y: Tensor) => linearizeByTape((z) => sub(z, f(z)), y),
      });
      for (const method of [fixedPoint(), anderson(), broyden(), newton(), quasiNewton()]) {
        const seen = (state: Iterate): Iterate => {
          expect([state.value.shape, state.residual.shape]).toEqual([[20, 6], [20]]);
          return state;
        };
        const watching: Solver = {
          ...(method as Solver),
          init: (g, start) => {
            expect(start.shape).toEqual([20, 6]);
            expect(g(start).shape).toEqual([20, 6]);
            return seen((method as Solver).init(g, start));
          },
          step: (g, state) => seen((method as Solver).step(g, state)),
        };
        for (const [problem, g] of [
          ['fixed-point', map],
          ['root', root],
        ] as const) {
          const { value, status } = solve(g, y0, { solver: watching, problem, maxSteps: 300 });
          expect([status, value.shape], `${method.name}, ${problem}`).toEqual(['converged', y0.shape]);
          value.dataSync().forEach((y, i) => expect(y).toBeCloseTo(expected[i]!, 4));
        }
      }
    }));

  it('after a solve with any solver, the only new tensor is the value', () => {
    const y0 = tensor2d([
      [0.2, -0.4],
      [1.1, 0],
    ]);
    const map = Object.assign((y: Tensor) => half(y), {
      linearize: (y: Tensor) => linearizeByTape(half, y),
      among: () => half,
    });
    const before = memory().numTensors;
    for (const method of [fixedPoint(), anderson(), broyden(), newton(), quasiNewton()] as readonly Solver[]) {
      const { value } = solve(map, y0, {
        solver: method,
        problem: 'fixed-point',
        maxSteps: 2,
        fallback: [quasiNewton() as Solver, fixedPoint()],
      });
      expect(memory().numTensors, method.name).toBe(before + 1);
      value.dispose();
    }
    y0.dispose();
  });

  it('the result of `solve` is bit-identical for any value of `checkEvery`', () =>
    scoped(() => {
      const y0 = drawNormal(key(5), [64, 3]);
      const [often, seldom] = [1, 4].map((checkEvery) =>
        solve(half, y0, { solver: broyden(), problem: 'fixed-point', checkEvery }),
      );
      expect(seldom!.value.dataSync()).toEqual(often!.value.dataSync());
      expect(seldom!.stats.residual).toEqual(often!.stats.residual);
      expect(seldom!.stats.steps).toBeGreaterThan(often!.stats.steps);
    }));

  it('the result of a sample is bit-identical for any number of steps of other samples', () =>
    scoped(() => {
      const slopes = tensor2d([[0.1], [0.1], [0.95]]);
      const f: TensorMap = (y) => add(mul(slopes, y), 1);
      const run = (maxSteps: number): number[] => [
        ...solve(f, tensor2d([[0], [3], [0]]), { solver: fixedPoint(), maxSteps }).value.dataSync(),
      ];
      const [short, long] = [run(12), run(400)];
      expect(short.slice(0, 2)).toEqual(long.slice(0, 2));
      expect(long[2]).toBeCloseTo(20, 3);
    }));

  it('if the map has the method `among`, only active samples are evaluated, and the result does not change', () =>
    scoped(() => {
      const slopes = tensor2d(Array.from({ length: 40 }, (_, i) => [i < 36 ? 0.05 : 0.9]));
      const sizes: number[] = [];
      const at =
        (slope: Tensor): TensorMap =>
        (y) => {
          sizes.push(y.shape[0]!);
          return mul(slope, cos(y));
        };
      const y0 = drawNormal(key(6), [40, 1]);
      for (const method of [fixedPoint(), anderson(), broyden()]) {
        sizes.length = 0;
        const problem = 'fixed-point';
        const whole = solve(at(slopes), y0, { solver: method, problem, maxSteps: 400, fallback: [fixedPoint()] });
        expect(new Set(sizes)).toEqual(new Set([40]));
        sizes.length = 0;
        const part = solve(
          Object.assign(at(slopes), { among: (samples: Tensor1D) => at(gather(slopes, samples)) }),
          y0,
          { solver: method, problem, maxSteps: 400, fallback: [fixedPoint()] },
        );
        expect(sizes[0]).toBe(40);
        expect(sizes.at(-1)).toBeLessThanOrEqual(4);
        expect([part.status, part.stats.steps, part.stats.evaluations]).toEqual([
          whole.status,
          whole.stats.steps,
          whole.stats.evaluations,
        ]);
        part.value.dataSync().forEach((x, i) => expect(x).toBeCloseTo(whole.value.dataSync()[i]!, 6));
      }
    }));

  it('a fallback begins with an evaluation of all samples', () =>
    scoped(() => {
      const sizes: number[] = [];
      const f = (y: Tensor): Tensor => {
        sizes.push(y.shape[0]!);
        return mul(0.9, cos(y));
      };
      const y0 = concat([tensor2d(Array.from({ length: 9 }, () => [0.6987])), tensor2d([[5]])]);
      const { status, stats } = solve(Object.assign(f, { among: () => f }), y0, {
        solver: fixedPoint(),
        atol: 1e-4,
        rtol: 0,
        maxSteps: 3,
        fallback: [anderson()],
      });
      expect([status, stats.path]).toEqual(['converged', ['fixed-point', 'anderson']]);
      expect(sizes.filter((size) => size === 10).length).toBeGreaterThanOrEqual(2);
      expect(sizes).toContain(1);
    }));

  it('if the start is a solution, the solve takes no step', () =>
    scoped(() => {
      const y0 = tensor2d([[0, 0]]);
      const { value, stats } = solve((y) => mul(0.5, y), y0, { solver: fixedPoint() });
      expect(stats).toMatchObject({ steps: 0, evaluations: 1, path: ['fixed-point'] });
      expect([...value.dataSync()]).toEqual([0, 0]);
    }));

  it('`solve` returns the best iterate instead of the last iterate', () =>
    scoped(() => {
      const { value, status, stats } = solve((y) => mul(-1.5, y), tensor2d([[1]]), {
        solver: fixedPoint(),
        maxSteps: 5,
      });
      expect([...value.dataSync()]).toEqual([1]);
      expect([...stats.residual]).toEqual([2.5]);
      expect(status).toBe('max-steps');
      expect(solve((y) => mul(-1.5, y), tensor2d([[1]]), { solver: fixedPoint(), divergence: 10 }).status).toBe(
        'diverged',
      );
    }));

  it('a sample that has diverged takes no further steps, even if it would converge while other samples continue', () =>
    scoped(() => {
      // 0 -> 1 -> 11 -> 11 -> ...: the residuals are 1, 10, 0.
      const f: TensorMap = (y) => add(1, mul(y, sub(120 / 11, mul(10 / 11, y))));
      const { status, stats, value } = solve(f, tensor2d([[0]]), { solver: fixedPoint(), divergence: 5 });
      expect([status, stats.steps, [...value.dataSync()]]).toEqual(['diverged', 1, [0]]);
      const slow = tensor2d([[0], [0.9]]);
      const both = solve(
        (y) => concat([slice(f(y), [0, 0], [1, 1]), slice(mul(slow, y), [1, 0], [1, 1])]),
        tensor2d([[0], [1]]),
        { solver: fixedPoint(), divergence: 5, maxSteps: 500 },
      );
      expect([...both.stats.converged]).toEqual([0, 1]);
    }));

  it('a fallback changes only samples that have not converged', () =>
    scoped(() => {
      const slopes = tensor2d([[0.5], [-3], [0.5]]);
      const f: TensorMap = (y) => add(mul(slopes, y), 4);
      const y0 = tensor2d([[0], [0], [Number.NaN]]);
      const alone = solve(f, y0, { solver: fixedPoint() });
      expect(alone.status).toBe('non-finite');
      expect([...alone.stats.converged]).toEqual([1, 0, 0]);
      const both = solve(f, y0, { solver: fixedPoint(), fallback: [anderson(), broyden()] });
      expect(both.stats.path).toEqual(['fixed-point', 'anderson']);
      expect([...both.stats.converged]).toEqual([1, 1, 0]);
      expect(both.value.dataSync()[0]).toBe(alone.value.dataSync()[0]);
      expect(both.value.dataSync()[1]).toBeCloseTo(1, 5);
      expect(both.stats.residual[2]).toBeNaN();
    }));

  it('`stats.status` contains the status of each sample', () =>
    scoped(() => {
      // The first sample converges, the second is too slow, the third diverges, and the fourth starts at NaN.
      const slopes = tensor2d([[0.5], [0.999], [-30], [0.5]]);
      const f: TensorMap = (y) => add(mul(slopes, y), 4);
      const { status, stats } = solve(f, tensor2d([[0], [0], [0], [Number.NaN]]), {
        solver: fixedPoint(),
        maxSteps: 40,
      });
      expect(status).toBe('non-finite');
      expect(stats.status).toEqual(['converged', 'max-steps', 'diverged', 'non-finite']);
      const rows = (count: number) =>
        solve((y) => add(mul(slice(slopes, [0, 0], [count, 1]), y), 4), zeros([count, 1]), {
          solver: fixedPoint(),
          maxSteps: 40,
        });
      expect([1, 2, 3].map((count) => [rows(count).status, rows(count).stats.status.length])).toEqual([
        ['converged', 1],
        ['max-steps', 2],
        ['diverged', 3],
      ]);
      // A sample that converges with a fallback has the status `converged`.
      expect(
        solve(f, tensor2d([[0], [0], [0], [Number.NaN]]), {
          solver: fixedPoint(),
          maxSteps: 40,
          fallback: [anderson()],
        }).stats.status,
      ).toEqual(['converged', 'converged', 'converged', 'non-finite']);
    }));

  it('a fallback does not run for samples that are not finite', () =>
    scoped(() => {
      const { stats } = solve(half, tensor2d([[Number.NaN], [1]]), { solver: fixedPoint(), fallback: [anderson()] });
      expect(stats.path).toEqual(['fixed-point']);
    }));

  it('`stats.evaluations` is the number of calls of the map', () =>
    scoped(() => {
      let calls = 0;
      const f: TensorMap = (y) => {
        calls += 1;
        return half(y);
      };
      const { stats } = solve(f, tensor2d([[3], [1]]), {
        solver: broyden({ lineSearch: 2 }),
        problem: 'fixed-point',
        fallback: [anderson()],
      });
      expect(stats.evaluations).toBe(calls);
      expect(stats.evaluations).toBe(1 + 3 * stats.steps);
    }));

  it('when the signal is aborted, `solve` throws, and all its tensors are disposed', () => {
    const y0 = tensor2d([[1]]);
    const before = memory().numTensors;
    const controller = new AbortController();
    const seen: number[] = [];
    expect(() =>
      solve(half, y0, {
        solver: fixedPoint(),
        signal: controller.signal,
        onCheck: ({ step, active }) => {
          seen.push(active);
          if (step === 3) controller.abort(new Error('enough'));
        },
      }),
    ).toThrow('enough');
    expect(seen).toEqual([1, 1, 1, 1]);
    expect(memory().numTensors).toBe(before);
    y0.dispose();
  });

  it('in a surrounding gradient, the value of `solve` is a constant', () => {
    const x = tensor2d([[0.7, -0.2]]);
    const before = memory().numTensors;
    const gradient = grad((t: Tensor) => sum(mul(t, solve(half, t, { solver: anderson() }).value)))(x);
    scoped(() => {
      const fixed = solve(half, x, { solver: anderson() }).value;
      expect([...gradient.dataSync()]).toEqual([...fixed.dataSync()]);
    });
    gradient.dispose();
    expect(memory().numTensors).toBe(before);
    x.dispose();
  });

  it('`solve` throws for options out of range', () =>
    scoped(() => {
      const y0 = tensor2d([[1]]);
      for (const options of [
        { atol: -1 },
        { rtol: Number.NaN },
        { maxSteps: 0 },
        { maxSteps: 1.5 },
        { checkEvery: 0 },
        { divergence: 1 },
      ]) {
        let caught: unknown;
        try {
          solve(half, y0, { solver: fixedPoint(), ...options });
        } catch (error) {
          caught = error;
        }
        expect(isFlowError(caught, 'option')).toBe(true);
        expect((caught as Error).message).toContain(`Wrong ${Object.keys(options)[0]!}: expected`);
      }
      expect(() => anderson({ memory: 0 })).toThrow('Wrong memory: expected a positive integer, got 0');
      expect(() => fixedPoint({ damping: 2 })).toThrow('Wrong damping');
    }));
});

describe('`solve` on a backend where each check waits for the device', () => {
  it('if a check takes 10 ms, `solve` checks every 5 steps, and the result does not change', async () => {
    const steps = (): { readonly looked: readonly number[]; readonly value: Float32Array } => {
      const looked: number[] = [];
      const { value } = solve(half, drawNormal(key(6), [64, 3]), {
        solver: broyden(),
        problem: 'fixed-point',
        onCheck: ({ step }) => {
          looked.push(step);
        },
      });
      return { looked, value: value.dataSync<'float32'>() as Float32Array };
    };
    const often = steps();
    expect(often.looked.slice(0, 3)).toEqual([0, 1, 2]);
    const { capabilities: before } = await wasm().start();
    // sqrt(2 * 5 steps * 10 ms / (40 operations * 0.1 ms)) = 5.
    await startRegistered('wasm', { capabilities: { ...before, readBack: { readMs: 10, operationMs: 0.1 } } });
    const seldom = steps();
    await startRegistered('wasm', { capabilities: before });
    expect(seldom.looked.slice(0, 2)).toEqual([0, 5]);
    expect(seldom.value).toEqual(often.value);
  });
});
