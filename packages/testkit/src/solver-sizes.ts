import { drawNormal, fold, key, scoped, sizeOf, type Key, type Shape, type Solver } from '@impflow/core';
import { solve } from '@impflow/solvers';
import { mul, sub, tensor2d, type Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { expectAgreement, expectConverged } from './agree.ts';
import { shapeFrom, sizeFrom } from './drawn-anew.ts';
import { swirl } from './maps.ts';
import { rounding } from './rounding.ts';
import { attempts, formFor, starts } from './solver-runs.ts';

/** Checks a solver with wide events, with a long batch, and with a single row. */
export const expectLargeSizes = (solver: () => Solver): void => {
  for (const [event, rows] of [
    [[64], 5],
    [[3], 700],
    [[2], 1],
  ] as const)
    expectSolved(solver, event, rows, key(3));
};

/** Checks a solver at a random size. */
export const expectDrawnSizes = (solver: () => Solver, k: Key): void =>
  expectSolved(solver, shapeFrom(fold(k, 1), 40), sizeFrom(fold(k, 2), 1, 60), fold(k, 3));

/** Checks the residuals of the first iterates, and that every row converges to a fixed point. */
const expectSolved = (solver: () => Solver, event: Shape, rows: number, k: Key): void =>
  scoped(() => {
    const [f, d] = [swirl(event, 0.7), sizeOf(event)];
    const what = `${rows} rows of [${event.join(', ')}]`;
    const y0 = drawNormal(k, [rows, ...event]);
    expectResiduals(solver(), d, rows, k, what);

    const { value, status, stats } = attempts(solver)(f, y0);
    expectConverged({ status, stats }, what);
    const gaps = norms(sub(f(value), value), d);
    const sizes = norms(value, d);
    // A row is done at a residual of 1e-6 + 1e-6 |y|, the default of `solve`. Its residual is then exact up to rounding.
    expectAgreement(
      gaps.map((gap, row) => Math.max(0, gap - 1e-6 - 1e-6 * sizes[row]!) / (1 + sizes[row]!)),
      gaps.map(() => 0),
      { what: `${what}, the residual at the solution above the tolerance`, tolerance: rounding(d) },
    );
  });

/** Compares the residuals of the first three iterates with residuals that are computed in float64. */
const expectResiduals = (method: Solver, d: number, rows: number, k: Key, what: string): void => {
  const map = formFor(method, swirl([d], 0.7));
  // Every fourth row starts far from zero, where residuals are large.
  const far = Array.from({ length: rows }, (_, row) => [row % 4 === 3 ? 3000 : 1]);
  let state = method.init(map, mul(drawNormal(k, [rows, d]), tensor2d(far)));
  for (let step = 0; step < 3; step++) {
    const image = map(state.value);
    const gap = method.problem === 'fixed-point' ? sub(image, state.value) : image;
    const [expected, sizes, images] = [norms(gap, d), norms(state.value, d), norms(image, d)];
    const got = state.residual.dataSync();
    // The residual is the norm of a difference: one rounding of the difference, and a sum of d squares.
    const bad = expected.findIndex(
      (norm, row) =>
        Number.isFinite(norm) &&
        !(Math.abs(got[row]! - norm) <= rounding(1) * (sizes[row]! + images[row]!) + rounding(d) * norm),
    );
    if (bad >= 0)
      expect.fail(`${what}, row ${bad} after ${step} steps: expected the residual ${expected[bad]}, got ${got[bad]}.`);
    state = method.step(map, state);
  }
};

const norms = (x: Tensor, d: number): number[] => {
  const entries = x.dataSync();
  return Array.from({ length: x.size / d }, (_, row) => Math.hypot(...entries.subarray(row * d, (row + 1) * d)));
};

/** Number of solves of one instance. */
const SOLVES = 45;

/** Checks that an instance that has made many solves gives the same result as at its first solve. */
export const expectSameAfterMany = (solver: () => Solver): void =>
  scoped(() => {
    const method = solver();
    const f = swirl([2], 0.7);
    const results = Array.from({ length: SOLVES }, () =>
      solve(f, starts([2], 2), {
        solver: method,
        problem: 'fixed-point',
        maxSteps: 4,
        atol: 0,
        rtol: 0,
      }).value.dataSync(),
    );
    expectAgreement(results.at(-1)!, results[0]!, { what: `solve ${SOLVES} of one instance`, width: 2 });
  });
