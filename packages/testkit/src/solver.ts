import {
  key,
  drawNormal,
  sampleNorm,
  scoped,
  type BackendAdapter,
  type Shape,
  type Solution,
  type Solver,
  type TensorMap,
} from '@impflow/core';
import { solve, type SolveOptions } from '@impflow/solvers';
import { add, cos, relu, mul, sin, slice, square, sub, sum, tensor2d, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect } from 'vitest';
import { expectAgreement, expectConverged } from './agree.ts';
import { expectKept } from './kept.ts';
import { laws, type Exceptions } from './law.ts';
import { cliff, differentiable, endless, swirl } from './maps.ts';
import { onBackend } from './on-backend.ts';

/** Names of the laws, as keys of `except`. */
export type SolverLaw =
  | 'finds the fixed point of a contraction'
  | 'finds the root of the other form'
  | 'gets closer with every few steps'
  | 'the residual is the norm at the value'
  | 'a row alone is the row in a batch'
  | 'a bad row touches no other'
  | 'survives a sample that starts at its solution'
  | 'what has converged is a solution'
  | 'gives the map batches of its own shape'
  | 'keeps nothing from one solve to the next'
  | 'reports divergence instead of throwing'
  | 'returns one tensor and keeps none';

/** Options of {@link testSolver}. */
export interface SolverSuite {
  /** Makes the solver. Called many times. */
  readonly solver: () => Solver;
  /** Backends on which the laws run. */
  readonly backends: readonly BackendAdapter[];
  /** Laws that this method does not keep, each with the reason. The report shows them as skipped. Default none. */
  readonly except?: Exceptions<SolverLaw>;
}

/** Registers the laws of solvers on each backend. Call it at the top level of a vitest file. */
export const testSolver = ({ solver, backends, except = {} }: SolverSuite): void => {
  const law = laws<SolverLaw>(except);
  const attempt = (f: TensorMap, y0: Tensor, options: Partial<SolveOptions> = {}): Solution =>
    solve(f, y0, { solver: solver(), problem: 'fixed-point', maxSteps: 100, ...options });

  describe.each(backends)(`${solver().name} on $name`, (backend) => {
    onBackend(backend);

    law('finds the fixed point of a contraction', () =>
      scoped(() => {
        for (const event of [[1], [2], [7], [4, 3, 2]]) {
          const f = swirl(event, 0.7);
          const { value, status, stats } = attempt(f, starts(event, 6));
          expectConverged({ status, stats }, `events [${event.join(', ')}]`);
          expect(value.shape).toEqual([6, ...event]);
          expect(stats.evaluations).toBeGreaterThanOrEqual(stats.steps + 1);
          expectAgreement(f(value).dataSync(), value.dataSync(), {
            what: 'the map at the solution',
            width: value.size / 6,
            tolerance: 2e-5,
          });
          expect(Math.max(...stats.residual)).toBeLessThan(2e-5);
        }
      }),
    );

    law('finds the root of the other form', () =>
      scoped(() => {
        const f = swirl([3], 0.7);
        const F = differentiable((y) => sub(y, f(y)));
        const a = attempt(f, starts([3], 4));
        const b = attempt(F, starts([3], 4), { problem: 'root' });
        expectConverged(a, 'as a fixed point');
        expectConverged(b, 'as a root');
        expectAgreement(b.value.dataSync(), a.value.dataSync(), { what: 'the root', width: 3, tolerance: 5e-5 });
      }),
    );

    law('gets closer with every few steps', () =>
      scoped(() => {
        const f = swirl([3], 0.5);
        const after = (maxSteps: number): number =>
          Math.max(...attempt(f, starts([3], 8), { maxSteps, atol: 0, rtol: 0 }).stats.residual);
        const [early, late] = [after(1), after(5)];
        // Four steps of fixed-point iteration reduce it by 0.5^4.
        expect(late).toBeLessThan(0.1 * early);
      }),
    );

    law('the residual is the norm at the value', () =>
      scoped(() => {
        const f = swirl([4], 0.7);
        const method = solver();
        const map = formFor(method, f);
        let state = method.init(map, starts([4], 5));
        for (let i = 0; i < 3; i++) {
          const gap = sub(f(state.value), state.value);
          const norms = Array.from(sum(square(gap), 1).dataSync(), Math.sqrt);
          expectAgreement(state.residual.dataSync(), norms, { what: `the residual after ${i} steps`, tolerance: 1e-5 });
          state = method.step(map, state);
        }
      }),
    );

    law('a row alone is the row in a batch', () =>
      scoped(() => {
        const f = swirl([3], 0.8);
        const y0 = starts([3], 20);
        const batch = attempt(f, y0).value.arraySync() as number[][];
        // Also after three steps: a shared step may change the path, although the solution is the same.
        const early = attempt(f, y0, UNDER_WAY).value.arraySync() as number[][];
        for (const i of [0, 7, 19]) {
          const row = tensor2d([(y0.arraySync() as number[][])[i]!]);
          expectAgreement(attempt(f, row).value.dataSync(), batch[i]!, {
            what: `row ${i} of 20 alone`,
            width: 3,
            tolerance: 1e-5,
          });
          expectAgreement(attempt(f, row, UNDER_WAY).value.dataSync(), early[i]!, {
            what: `row ${i} of 20 alone, after three steps`,
            width: 3,
            tolerance: 1e-5,
          });
        }
        // After each step, for rows at various distances from their solutions: a row close to its solution must not
        // depend on the worst row.
        const near = add(
          y0,
          mul(
            sub(tensor2d(batch), y0),
            tensor2d(Array.from({ length: 20 }, (_, i) => [1 - DISTANCES[i % DISTANCES.length]!])),
          ),
        );
        const together = iterates(solver(), f, near, STEPS_ALONE);
        for (const i of [6, 12, 18]) {
          for (const [step, alone] of iterates(solver(), f, slice(near, [i, 0], [1, 3]), STEPS_ALONE).entries()) {
            expectAgreement(alone, together[step]!.subarray(3 * i, 3 * i + 3), {
              what: `row ${i} of 20 alone, after step ${step}`,
              width: 3,
              tolerance: 1e-5,
            });
          }
        }
      }),
    );

    law('a bad row touches no other', () =>
      scoped(() => {
        const f = swirl([2], 0.8);
        const y0 = starts([2], 500).arraySync() as number[][];
        const run = (row: readonly [number, number]) =>
          attempt(f, tensor2d(y0.map((ordinary, i) => (i === 123 ? [...row] : ordinary))));
        const good = run([0.1, 0.2]);
        expectConverged(good, 'without a bad row');
        for (const row of [
          [Number.NaN, 0],
          [1e30, -1e30],
          [Number.POSITIVE_INFINITY, 1],
        ] as const) {
          const bad = run(row);
          expectAgreement(bad.value.dataSync(), good.value.dataSync(), {
            what: `beside a row of ${row.join(', ')}`,
            width: 2,
            except: (i) => i === 123,
          });
          expectAgreement(bad.stats.converged, good.stats.converged, {
            what: 'the flags of convergence',
            except: (i) => i === 123,
          });
          expect(bad.stats.converged[123]).toBe(0);
          expect(bad.status).not.toBe('converged');
          // It delays no other row.
          expect(bad.stats.steps).toBeLessThanOrEqual(good.stats.steps);
        }
      }),
    );

    law('survives a sample that starts at its solution', () =>
      scoped(() => {
        // f(0) = 0 exactly; the other rows need several steps.
        const f = differentiable((y) => mul(0.5, sin(y)));
        const y0 = tensor2d([
          [0, 0],
          [1, -2],
          [0, 3],
        ]);
        const solution = attempt(f, y0, { atol: 1e-7 });
        expectConverged(solution, 'beside a solution');
        expectAgreement(solution.value.dataSync(), [0, 0, 0, 0, 0, 0], {
          what: 'the solution',
          width: 2,
          tolerance: 1e-6,
        });
        expectAgreement(solution.value.dataSync().slice(0, 2), [0, 0], {
          what: 'the row that starts at its solution',
          width: 2,
        });
        // The driver freezes samples that are done. Without it, the method goes on when all rows are at their
        // solutions.
        const method = solver();
        const map = formFor(method, f);
        let state = method.init(map, y0);
        for (let i = 0; i < 40; i++) {
          state = method.step(map, state);
          const bad = Array.from(
            sampleNorm(state.value).dataSync(),
            (size, row) => size + state.residual.dataSync()[row]!,
          ).findIndex((size) => !Number.isFinite(size));
          if (bad >= 0)
            expect.fail(
              `Row ${bad} is not finite after ${i + 1} steps without the driver: expected finite iterates at a solution, got [${state.value
                .dataSync()
                .slice(2 * bad, 2 * bad + 2)
                .join(', ')}].`,
            );
        }
      }),
    );

    law('what has converged is a solution', () =>
      scoped(() => {
        // Some rows start where the map is NaN, and others get there: finite points with images that are NaN.
        const y0 = add(50, mul(60, starts([2], 40)));
        const { value, stats } = attempt(cliff, y0);
        const gaps = sampleNorm(sub(cliff(value), value)).dataSync();
        for (const [row, gap] of gaps.entries()) {
          if (stats.converged[row] === 1)
            expect(gap, `row ${row}, reported as converged: |f(y) - y|`).toBeLessThan(1e-3);
        }
      }),
    );

    law('gives the map batches of its own shape', () =>
      scoped(() => {
        for (const rows of [1, 5]) {
          const method = solver();
          const f = swirl([3], 0.7);
          const seen = new Set<string>();
          // Record the shape instead of throwing: the method could catch an error.
          const map = formFor(
            method,
            differentiable((y) => {
              seen.add(`[${y.shape.join(', ')}]`);
              return f(y);
            }),
          );
          let state = method.init(map, starts([3], rows));
          for (let i = 0; i < 4; i++) {
            expect({ value: state.value.shape, residual: state.residual.shape }, `after ${i} steps`).toEqual({
              value: [rows, 3],
              residual: [rows],
            });
            state = method.step(map, state);
          }
          expect([...seen], 'shapes of the batches that the map received').toEqual([`[${rows}, 3]`]);
        }
      }),
    );

    law('keeps nothing from one solve to the next', () =>
      scoped(() => {
        const problems = [
          { event: [2], rows: 6, slope: 0.7 },
          { event: [3], rows: 4, slope: 0.5 },
          { event: [2], rows: 9, slope: 0.8 },
        ] as const;
        const solved = (
          method: Solver,
          { event, rows, slope }: (typeof problems)[number],
          options: Partial<SolveOptions>,
        ): Solution =>
          solve(swirl(event, slope), starts(event, rows), {
            solver: method,
            problem: 'fixed-point',
            maxSteps: 100,
            ...options,
          });
        for (const [options, when] of [
          [{}, ''],
          [UNDER_WAY, ', after three steps'],
        ] as const) {
          const fresh = problems.map((problem) => solved(solver(), problem, options));
          const used = solver();
          for (const i of [0, 1, 2, 0, 2, 1, 1, 0]) {
            const [once, what] = [fresh[i]!, `problem ${i} with an instance that solved others before${when}`];
            const again = ((): Solution => {
              try {
                return solved(used, problems[i]!, options);
              } catch (cause) {
                throw new Error(`${what}: it throws, but a new instance does not (${String(cause)}).`, { cause });
              }
            })();
            expectAgreement(again.value.dataSync(), once.value.dataSync(), { what, width: problems[i]!.event[0] });
            expect(again.stats.steps, `steps of ${what}`).toBe(once.stats.steps);
          }
        }
        // Interleaved: the second solve begins during the first, as if the map of one solved another.
        const [first, second] = problems.map(({ event, rows, slope }) => ({
          f: swirl(event, slope),
          y0: starts(event, rows),
        }));
        const fresh = [first!, second!].map(({ f, y0 }) => iterates(solver(), f, y0, STEPS_IN_TURN));
        const used = solver();
        const [one, other] = [walk(used, first!.f, first!.y0), walk(used, second!.f, second!.y0)];
        const turns = [one, one, one, other, one, other, other, one, other, one, other, one, other, other];
        const step = new Map([
          [one, 0],
          [other, 0],
        ]);
        for (const each of turns) {
          const [at, which] = [step.get(each)!, each === one ? 0 : 1];
          expectAgreement(each.next().value as Float32Array, fresh[which]![at]!, {
            what: `problem ${which} after step ${at}, interleaved with another by one instance`,
            width: problems[which]!.event[0],
          });
          step.set(each, at + 1);
        }
      }),
    );

    law('reports divergence instead of throwing', () =>
      scoped(() => {
        const { status, stats } = attempt(unsolvable, tensor2d([[0.5], [2]]), { maxSteps: 30 });
        expect(status).not.toBe('converged');
        expect([...stats.converged]).toEqual([0, 0]);
      }),
    );

    law('returns one tensor and keeps none', () => {
      const y0 = tensor2d([
        [0.2, -0.4],
        [1.1, 0],
      ]);
      const high = tensor2d([
        [0.2, -0.4],
        [150, 0],
      ]);
      const runs: readonly (readonly [what: string, f: TensorMap, y0: Tensor, options: Partial<SolveOptions>])[] = [
        ['a solve', differentiable((y) => mul(0.5, cos(y))), y0, {}],
        ['a solve that diverges', unsolvable, y0, { maxSteps: 30 }],
        ['a long solve', endless, y0, { maxSteps: 80 }],
        ['a solve of a map that is not finite', cliff, high, { maxSteps: 30 }],
      ];
      for (const [what, f, from, options] of runs)
        expectKept(what, () => [attempt(f, from, options).value])[0].dispose();
      expectKept('a map that throws', () => {
        let calls = 0;
        const throwing = differentiable((y) => {
          if (++calls > 2) throw new Error('from the map');
          return cos(y);
        });
        expect(() => attempt(throwing, y0)).toThrow('from the map');
        return [];
      });
      expect(
        [y0, high].map((given) => given.isDisposed),
        'the arguments of the caller are disposed',
      ).toEqual([false, false]);
      for (const given of [y0, high]) given.dispose();
    });
  });
};

/** Exactly three steps. */
const UNDER_WAY: Partial<SolveOptions> = { maxSteps: 3, atol: 0, rtol: 0 };

/** Distances of the starts from the solutions, relative to those of normal starts. */
const DISTANCES = [1, 4, 0.1, 1e-2, 1e-3];
const STEPS_ALONE = 12;
const STEPS_IN_TURN = 6;

/** Yields the values of a method without the driver: at the start, then after each step. */
function* walk(method: Solver, f: TensorMap, y0: Tensor): Generator<Float32Array, never> {
  const map = formFor(method, f);
  for (let state = method.init(map, y0); ; state = method.step(map, state))
    yield state.value.dataSync<'float32'>() as Float32Array;
}

/** Returns the first `steps + 1` values of {@link walk}. */
const iterates = (method: Solver, f: TensorMap, y0: Tensor, steps: number): readonly Float32Array[] => {
  const way = walk(method, f, y0);
  return Array.from({ length: steps + 1 }, () => way.next().value);
};

/** `y = 1 + 3 relu(y) + y^2` has no solution: `y^2 + 2 y + 1 > 0` for `y > 0`, and `1 + y^2 > y` for all `y`. */
const unsolvable = differentiable((y) => add(add(1, mul(3, relu(y))), square(y)));

const starts = (event: Shape, batch: number): Tensor => drawNormal(key(3), [batch, ...event]);

/** Returns the fixed-point map `f` in the form of the method, for use without the driver. */
const formFor = ({ problem }: Solver, f: TensorMap): TensorMap =>
  problem === 'fixed-point' ? f : differentiable((y) => sub(y, f(y)));
