import { sampleNorm, scoped, type BackendAdapter, type Solver, type TensorMap } from '@impflow/core';
import type { SolveOptions } from '@impflow/solvers';
import { add, concat, cos, mul, relu, square, sub, sum, tensor2d, zeros, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect } from 'vitest';
import { expectAgreement, expectConverged } from './agree.ts';
import { drawnAnew } from './drawn-anew.ts';
import { expectKept } from './kept.ts';
import { laws, type Exceptions } from './law.ts';
import { cliff, differentiable, endless, swirl } from './maps.ts';
import { onBackend } from './on-backend.ts';
import { expectLastAtValue, expectShapes } from './solver-evaluations.ts';
import { expectNothingCarriedOver } from './solver-reuse.ts';
import { expectFiniteAtSolution, expectOthersUntouched, expectRowsAlone } from './solver-rows.ts';
import { attempts, formFor, starts } from './solver-runs.ts';
import {
  expectDrawnSizes,
  expectFarSolutions,
  expectLargeSizes,
  expectSameAfterMany,
  expectSmallResiduals,
} from './solver-sizes.ts';

/** Names of the laws, as keys of `except`. */
export type SolverLaw =
  | 'finds the fixed point of a contraction'
  | 'finds the same solution as a root of F(y) = 0'
  | 'the residual falls within a few steps'
  | 'the residual is the norm of F at the value'
  | 'the result of a row does not depend on its batch'
  | 'a bad row does not change other rows'
  | 'survives a sample that starts at its solution'
  | 'converged rows are solutions'
  | 'calls the map with batches of the given shape'
  | 'the last evaluation of a step is at its value'
  | 'no solve depends on earlier solves'
  | 'gives the same result after many solves'
  | 'finds solutions far from zero'
  | 'holds for wide events and long batches'
  | 'holds at sizes drawn anew'
  | 'reports divergence instead of throwing'
  | 'returns one tensor and keeps none';

/** Options of {@link testSolver}. */
export interface SolverSuite {
  /** Makes the solver. Called many times. */
  readonly solver: () => Solver;
  /** Backends on which the laws run. */
  readonly backends: readonly BackendAdapter[];
  /**
   * Laws that this method does not keep, each with the reason. The report shows these laws as skipped. Default none.
   */
  readonly except?: Exceptions<SolverLaw>;
}

/** Registers the laws of solvers on each backend. Call this function at the top level of a vitest file. */
export const testSolver = ({ solver, backends, except = {} }: SolverSuite): void => {
  const law = laws<SolverLaw>(except);
  const attempt = attempts(solver);

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

    law('finds the same solution as a root of F(y) = 0', () =>
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

    law('the residual falls within a few steps', () =>
      scoped(() => {
        const f = swirl([3], 0.5);
        const after = (maxSteps: number): number =>
          Math.max(...attempt(f, starts([3], 8), { maxSteps, atol: 0, rtol: 0 }).stats.residual);
        const [early, late] = [after(1), after(5)];
        // Four steps of fixed-point iteration reduce the residual by a factor of 0.5^4.
        expect(late).toBeLessThan(0.1 * early);
      }),
    );

    law('the residual is the norm of F at the value', () =>
      scoped(() => {
        const f = swirl([4], 0.7);
        const method = solver();
        const map = formFor(method, f);
        // An iterate of zeros has a residual too.
        let state = method.init(map, concat([starts([4], 5), zeros([1, 4])]));
        for (let i = 0; i < 3; i++) {
          const gap = sub(f(state.value), state.value);
          const norms = Array.from(sum(square(gap), 1).dataSync(), Math.sqrt);
          expectAgreement(state.residual.dataSync(), norms, { what: `the residual after ${i} steps`, tolerance: 1e-5 });
          state = method.step(map, state);
        }
        expectSmallResiduals(solver);
      }),
    );

    law('the result of a row does not depend on its batch', () => expectRowsAlone(solver));

    law('a bad row does not change other rows', () => expectOthersUntouched(solver));

    law('survives a sample that starts at its solution', () => expectFiniteAtSolution(solver));

    law('converged rows are solutions', () =>
      scoped(() => {
        // Some rows start at points where the map is NaN. Other rows reach points at which the map is NaN during the
        // solve.
        const y0 = add(50, mul(60, starts([2], 40)));
        const { value, stats } = attempt(cliff, y0);
        const gaps = sampleNorm(sub(cliff(value), value)).dataSync();
        for (const [row, gap] of gaps.entries()) {
          if (stats.converged[row] === 1)
            expect(gap, `row ${row}, reported as converged: |f(y) - y|`).toBeLessThan(1e-3);
        }
      }),
    );

    law('calls the map with batches of the given shape', () => expectShapes(solver));

    law('the last evaluation of a step is at its value', () => expectLastAtValue(solver));

    law('no solve depends on earlier solves', () => expectNothingCarriedOver(solver));

    law('gives the same result after many solves', () => expectSameAfterMany(solver));

    law('finds solutions far from zero', () => expectFarSolutions(solver));

    law('holds for wide events and long batches', () => expectLargeSizes(solver));

    law('holds at sizes drawn anew', () => drawnAnew((k) => expectDrawnSizes(solver, k)));

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

/** `y = 1 + 3 relu(y) + y^2` has no solution: `y^2 + 2 y + 1 > 0` for `y > 0`, and `1 + y^2 > y` for all `y`. */
const unsolvable = differentiable((y) => add(add(1, mul(3, relu(y))), square(y)));
