import { sampleNorm, scoped, type Solver } from '@impflow/core';
import { add, mul, sin, slice, sub, tensor2d } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { expectAgreement, expectConverged } from './agree.ts';
import { differentiable, swirl } from './maps.ts';
import { attempts, formFor, iterates, starts, UNDER_WAY } from './solver-runs.ts';

/** Checks that the iterates of a row do not depend on its batch. */
export const expectRowsAlone = (solver: () => Solver): void =>
  scoped(() => {
    const attempt = attempts(solver);
    const f = swirl([3], 0.8);
    const y0 = starts([3], 20);
    const batch = attempt(f, y0).value.arraySync() as number[][];
    // The iterates after three steps are also compared: a step length that rows share may change these iterates,
    // although it does not change the solution.
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
    // The rows start at various distances from their solutions. After each step, the iterates must
    // equal the iterates of each row solved alone. The row farthest from its solution must not change the steps of the
    // other rows.
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
  });

/** Distances of the starting points from the solutions, relative to the distances of the normal starting points. */
const DISTANCES = [1, 4, 0.1, 1e-2, 1e-3];
const STEPS_ALONE = 12;

/** Checks that a row with NaN, infinity or huge numbers does not change other rows and does not converge. */
export const expectOthersUntouched = (solver: () => Solver): void =>
  scoped(() => {
    const attempt = attempts(solver);
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
      // A row with NaN, infinity or huge numbers does not delay other rows.
      expect(bad.stats.steps).toBeLessThanOrEqual(good.stats.steps);
    }
  });

/** Checks that a row that starts at its solution stays there, and stays finite. */
export const expectFiniteAtSolution = (solver: () => Solver): void =>
  scoped(() => {
    const attempt = attempts(solver);
    // f(0) = 0 exactly; the other rows need several steps.
    const f = differentiable((y) => mul(0.5, sin(y)));
    const y0 = tensor2d([
      [0, 0],
      [1, -2],
      [0, 3],
    ]);
    const solution = attempt(f, y0, { atol: 1e-7 });
    expectConverged(solution, 'beside a solution');
    expectAgreement(solution.value.dataSync(), [0, 0, 0, 0, 0, 0], { what: 'the solution', width: 2, tolerance: 1e-6 });
    expectAgreement(solution.value.dataSync().slice(0, 2), [0, 0], {
      what: 'the row that starts at its solution',
      width: 2,
    });
    // `solve` freezes samples that have converged. Without `solve`, the method continues when all rows are at their
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
          `Row ${bad} is not finite after ${i + 1} steps without \`solve\`: expected finite iterates at a solution, ` +
            `got [${state.value
              .dataSync()
              .slice(2 * bad, 2 * bad + 2)
              .join(', ')}].`,
        );
    }
  });
