import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { advance, isFlowError, key, drawNormal, release, scoped } from '@impflow/core';
import { dfSane, impflow } from '@impflow/solver-df-sane';
import { implicit, solve } from '@impflow/solvers';
import { onBackend, solveLinear } from '@impflow/testkit';
import {
  add,
  concat,
  grads,
  memory,
  mul,
  neg,
  reshape,
  sqrt,
  square,
  sub,
  sum,
  tensor2d,
  zeros,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { dfSaneAsWritten } from './plain.ts';
import { asEvents, systems } from './systems.ts';

const rowsOf = (x: Tensor): number[][] => reshape(x, [x.shape[0]!, -1]).arraySync() as number[][];
const norm = (x: readonly number[]): number => Math.hypot(...x);
const difference = (a: readonly number[], b: readonly number[]): number => norm(a.map((x, i) => x - b[i]!));

/** Finds a root in float64 by Newton's method with finite differences, from a point near the root. */
const polished = (F: (y: readonly number[]) => number[], near: readonly number[]): number[] => {
  let y = [...near];
  for (let i = 0; i < 8; i++) {
    const [image, h] = [F(y), 1e-6];
    const columns = y.map((_, j) => {
      const [up, down] = [h, -h].map((by) => F(y.with(j, y[j]! + by)));
      return up!.map((x, k) => (x - down![k]!) / (2 * h));
    });
    const newton = solveLinear(
      image.map((_, k) => columns.map((column) => column[k]!)),
      image,
    );
    y = y.map((x, k) => x - newton[k]!);
  }
  return y;
};

describe.each([cpu(), wasm()])('df-sane on $name', (backend) => {
  onBackend(backend);

  it.each(systems.flatMap((system) => [2, 10, 100].map((d) => [system.name, d, system] as const)))(
    'df-sane finds the root of %s in %d dimensions',
    (_name, d, { F, plain, start }) =>
      scoped(() => {
        const y0 = add(tensor2d([start(d)]), mul(0.05 / d, concat([zeros([1, d]), drawNormal(key(1), [3, d])])));
        // The tolerance is a few times the rounding error of float32 in 100 dimensions.
        const { value, status, stats } = solve(F, y0, {
          solver: dfSane(),
          atol: 3e-5 * Math.sqrt(d),
          rtol: 0,
          maxSteps: 500,
        });
        expect(stats.evaluations).toBe(stats.steps + 1);
        const solved = rowsOf(value).filter((_, i) => stats.converged[i] === 1);
        // From some initial points of Broyden's system the method does not converge, even in float64. In 100 dimensions
        // the first system is steep and needs more steps.
        expect(solved.length).toBeGreaterThanOrEqual(2);
        expect(status === 'converged').toBe(solved.length === 4);
        for (const y of solved.slice(0, 2)) {
          expect(norm(plain(y))).toBeLessThan(4e-5 * Math.sqrt(d));
          const root = polished(plain, y);
          expect(norm(plain(root))).toBeLessThan(1e-10);
          expect(difference(y, root)).toBeLessThan(2e-3 * (1 + norm(root)));
        }
      }),
  );

  it.each(systems.map((system, i) => [system.name, system, [0, 0, 3][i]!] as const))(
    'df-sane has the iterates of the algorithm in the paper for %s',
    (_name, { F, plain, start }, rejected) => {
      const d = 10;
      const starts = [
        start(d),
        start(d).map((x, i) => x + 0.3 * Math.cos(i)),
        start(d).map((x, i) => x + 1.5 * Math.sin(3 * i)),
      ];
      const solver = dfSane();
      let state = scoped(() => solver.init(F, tensor2d(starts)));
      const paths = starts.map(() => [] as { y: number[]; evaluations: number }[]);
      for (let evaluations = 1; evaluations <= 40; evaluations++) {
        const [accepted, values] = [state.accepted.dataSync(), state.value.arraySync() as number[][]];
        paths.forEach((path, i) => {
          if (accepted[i] === path.length) path.push({ y: values[i]!, evaluations });
        });
        state = advance(state, (now) => solver.step(F, now));
      }
      release(state);
      const written = starts.map((from) => dfSaneAsWritten(plain, from, 6));
      for (const [i, path] of written.entries()) {
        for (const [k, { y, evaluations }] of path.entries()) {
          expect(paths[i]![k]!.evaluations, `start ${i}, step ${k}`).toBe(evaluations);
          expect(difference(paths[i]![k]!.y, y), `start ${i}, step ${k}`).toBeLessThan(1e-3 * (1 + norm(y)));
        }
      }
      // Check that the compared steps include rejected trials, if the system has any.
      expect(Math.max(...written.map((path) => path.at(-1)!.evaluations - path.length))).toBeGreaterThanOrEqual(
        rejected,
      );
    },
  );

  it('df-sane reverses the direction if the residual decreases only in the opposite direction', () =>
    scoped(() => {
      // The first step increases the distance from the root by a factor of about 30.
      const steep = (y: Tensor): Tensor => mul(-30, y);
      const { value, status, stats } = solve(
        steep,
        tensor2d([
          [1, -2],
          [0.3, 0],
        ]),
        { solver: dfSane(), maxSteps: 40 },
      );
      expect(status).toBe('converged');
      expect(stats.steps).toBeLessThan(15);
      expect(Math.max(...value.dataSync().map(Math.abs))).toBeLessThan(1e-6);
    }));

  it('a row that shortens its steps does not affect other rows, in events of any rank', () =>
    scoped(() => {
      const { F, start } = systems[2]!;
      const y0 = concat([
        tensor2d([start(12), start(12).map((x, i) => x + 1.5 * Math.sin(3 * i))]),
        mul(2, drawNormal(key(4), [4, 12])),
      ]);
      const options = { atol: 1e-5, rtol: 0, maxSteps: 500 } as const;
      const together = solve(F, y0, { solver: dfSane(), ...options });
      const images = solve(asEvents(F), reshape(y0, [6, 2, 3, 2]), { solver: dfSane(), ...options });
      expect(rowsOf(images.value)).toEqual(rowsOf(together.value));
      rowsOf(y0).forEach((row, i) => {
        const alone = solve(F, tensor2d([row]), { solver: dfSane(), ...options });
        expect(alone.stats.converged[0]).toBe(together.stats.converged[i]);
        expect(difference(rowsOf(alone.value)[0]!, rowsOf(together.value)[i]!)).toBeLessThan(1e-5);
      });
    }));

  it('if the map is not finite everywhere, all iterates are points at which the map is finite', () =>
    scoped(() => {
      // At the first trial points, the map takes square roots of negative numbers.
      const F = (y: Tensor): Tensor => sub(mul(5, sqrt(sub(y, 1))), 1);
      const y0 = tensor2d([[4], [1.1]]);
      const solver = dfSane({ memory: 1, slack: 0 });
      expect([...F(sub(y0, F(y0))).dataSync()]).toEqual([Number.NaN, Number.NaN]);
      let state = solver.init(F, y0);
      for (let i = 0; i < 60; i++) {
        state = solver.step(F, state);
        expect([...state.residual.dataSync()].every(Number.isFinite)).toBe(true);
      }
      // The root is 1.04, since 5 sqrt(0.04) = 1.
      for (const y of state.value.dataSync()) expect(y).toBeCloseTo(1.04, 5);
    }));

  it('implicit differentiation with df-sane gives the exact gradient', () =>
    scoped(() => {
      // y + y^3 = x: dy/dx = 1 / (1 + 3 y^2).
      const x = tensor2d([
        [0.4, -2],
        [5, 0],
      ]);
      const [dx] = grads((h: Tensor) =>
        sum(
          implicit((y, t) => sub(add(y, mul(y, square(y))), t!), h, {
            solver: dfSane(),
            problem: 'root',
            inputs: [h],
            maxSteps: 200,
          }).value,
        ),
      )([x]);
      const exact = rowsOf(x)
        .flat()
        .map((h) => {
          let y = Math.cbrt(h);
          for (let i = 0; i < 60; i++) y -= (y + y ** 3 - h) / (1 + 3 * y * y);
          return 1 / (1 + 3 * y * y);
        });
      expect(difference([...dx!.dataSync()], exact)).toBeLessThan(1e-5);
    }));

  it('for a map without a root, the status is `max-steps`', () => {
    const before = memory().numTensors;
    scoped(() => {
      const { status, value } = solve((y) => add(1, square(y)), tensor2d([[0.5], [-2]]), {
        solver: dfSane(),
        maxSteps: 60,
      });
      expect(status).toBe('max-steps');
      expect(Math.max(...value.dataSync().map(Math.abs))).toBeLessThan(2.1);
      neg(value);
    });
    expect(memory().numTensors).toBe(before);
  });
});

describe('options of df-sane', () => {
  it.each([
    [{ memory: 0 }, 'memory'],
    [{ memory: 2.5 }, 'memory'],
    [{ decrease: 0 }, 'decrease'],
    [{ decrease: 1 }, 'decrease'],
    [{ slack: -1 }, 'slack'],
  ])('a wrong option of df-sane is refused: %j', (options, name) => {
    let caught: unknown;
    try {
      dfSane(options);
    } catch (error) {
      caught = error;
    }
    expect(isFlowError(caught, 'option')).toBe(true);
    expect((caught as Error).message).toContain(`[solver-df-sane/dfSane] Wrong ${name}: expected`);
  });

  it('the factory `df-sane` of the plugin accepts JSON options', () => {
    expect(impflow.solver['df-sane']({ memory: 5 })).toMatchObject({ name: 'df-sane', problem: 'root' });
  });
});
