import {
  drawNormal,
  fold,
  isFlowError,
  key,
  scoped,
  sizeOf,
  type Key,
  type Shape,
  type Solver,
  type TensorMap,
} from '@impflow/core';
import { solve } from '@impflow/solvers';
import { add, concat, cos, mul, slice, sub, tensor2d, type Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { expectAgreement, expectConverged } from './agree.ts';
import { shapeFrom, sizeFrom } from './drawn-anew.ts';
import { cheap, differentiable, swirl } from './maps.ts';
import { rounding } from './rounding.ts';
import { attempts, formFor, starts } from './solver-runs.ts';

/** Checks a solver with wide events, with a long batch, and with a single row. */
export const expectLargeSizes = (solver: () => Solver): void => {
  for (const [event, rows] of [
    // A width that is not a multiple of 4 or 8, because code may handle blocks of entries, and forget the rest.
    [[61], 5],
    [[3], 700],
    [[2], 1],
  ] as const)
    expectSolved(solver, event, rows, key(3));
  expectVeryWide(solver);
};

/** Number of entries of a very wide event. */
const VERY_WIDE = 521;

/** The map `y_i -> 0.6 cos(y_(i + 1))`, with the first entry after the last. An evaluation takes little time. */
const ring = differentiable((y) =>
  mul(0.6, cos(concat([slice(y, [0, 1], [-1, VERY_WIDE - 1]), slice(y, [0, 0], [-1, 1])], 1))),
);

/** Checks a solver with very wide events. A method may refuse so many entries by the error `unsupported`. */
const expectVeryWide = (solver: () => Solver): void =>
  scoped(() => {
    const y0 = drawNormal(key(6), [3, VERY_WIDE]);
    const what = `3 rows of [${VERY_WIDE}]`;
    try {
      expectTrueResiduals(solver(), ring, y0, 3, what);
      expectSolution(solver, ring, y0, what);
    } catch (error) {
      if (!(isFlowError(error) && error.code === 'unsupported')) throw error;
    }
  });

/** Checks a solver at two random sizes. The second number of entries is odd. */
export const expectDrawnSizes = (solver: () => Solver, k: Key): void => {
  expectSolved(solver, shapeFrom(fold(k, 1), 40), sizeFrom(fold(k, 2), 1, 60), fold(k, 3));
  expectSolved(solver, [2 * sizeFrom(fold(k, 4), 1, 20) + 1], sizeFrom(fold(k, 5), 1, 20), fold(k, 6));
};

/** Distances from zero of the entries of solutions. */
const DISTANCES = [100, 1000];

/** Checks a solver with solutions far from zero. The solves start at most a few units from the solutions. */
export const expectFarSolutions = (solver: () => Solver): void =>
  scoped(() => {
    const near = swirl([3], 0.7);
    for (const distance of DISTANCES) {
      const f = differentiable((y) => add(distance, near(sub(y, distance))));
      const y0 = add(distance, starts([3], 6));
      const what = `solutions at a distance of ${distance}`;
      expectTrueResiduals(solver(), f, y0, 3, what);
      expectSolution(solver, f, y0, what);
    }
  });

/** Checks the residuals of the first iterates, and that every row converges to a fixed point. */
const expectSolved = (solver: () => Solver, event: Shape, rows: number, k: Key): void =>
  scoped(() => {
    const what = `${rows} rows of [${event.join(', ')}]`;
    expectResiduals(solver(), sizeOf(event), rows, k, what);
    expectSolution(solver, swirl(event, 0.7), drawNormal(k, [rows, ...event]), what);
  });

/** Checks that every row converges to a fixed point of `f`. */
const expectSolution = (solver: () => Solver, f: TensorMap, y0: Tensor, what: string): void => {
  const d = y0.size / y0.shape[0]!;
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
};

/** Compares the residuals of the first three iterates with residuals that are computed in float64. */
const expectResiduals = (method: Solver, d: number, rows: number, k: Key, what: string): void => {
  // Every fourth row starts far from zero, where residuals are large.
  const far = Array.from({ length: rows }, (_, row) => [row % 4 === 3 ? 3000 : 1]);
  expectTrueResiduals(method, swirl([d], 0.7), mul(drawNormal(k, [rows, d]), tensor2d(far)), 3, what);
};

/** Size of the solutions of a map whose residuals are compared until it has converged. A power of two. */
const SMALL = 2 ** -6;
/** Number of steps of this comparison. */
const CONVERGED = 25;

/**
 * Compares residuals until a method has converged, for solutions near zero: residuals below 1e-7 are then larger than
 * their rounding errors.
 */
export const expectSmallResiduals = (solver: () => Solver): void =>
  scoped(() => {
    const unit = swirl([3], 0.7);
    const small = differentiable((y) => mul(SMALL, unit(mul(1 / SMALL, y))));
    const y0 = mul(SMALL, starts([3], 6));
    expectTrueResiduals(solver(), small, y0, CONVERGED, `solutions of size ${SMALL}`);
  });

/** Compares the residuals of iterates with residuals that are computed in float64. */
const expectTrueResiduals = (method: Solver, f: TensorMap, y0: Tensor, steps: number, what: string): void => {
  const d = y0.size / y0.shape[0]!;
  const map = formFor(method, f);
  let state = method.init(map, y0);
  for (let step = 0; step < steps; step++) {
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
/** Number of steps of one instance, and of steps between two starts. */
const STEPS = 2200;
const RUN = 4;

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
    // Without `solve`, many steps take little time.
    const [tired, y0] = [solver(), starts([1], 1)];
    const map = cheap(tired.problem === 'root');
    const run = (): ArrayLike<number> =>
      scoped(() => {
        let state = tired.init(map, y0);
        for (let step = 0; step < RUN; step++) state = tired.step(map, state);
        return state.value.dataSync().slice();
      });
    const first = run();
    for (let steps = RUN; steps < STEPS; steps += RUN) run();
    expectAgreement(run(), first, { what: `${RUN} steps of one instance after ${STEPS} other steps` });
  });
