// `node plugins/solver-crossed-secant/bench/bench.mjs [--quick]`: compares crossed secant with Anderson acceleration
// and fixed-point iteration, on equal maps with equal tolerances.
import { wasm } from '@impflow/backend-wasm';
import { key, drawNormal } from '@impflow/core';
import { anderson, fixedPoint, solve, withObserver } from '@impflow/solvers';
import { sub } from '@tensorflow/tfjs-core';
import { steepNet } from '../../../tools/bench/steep-net.mjs';
import { bench, quantile } from '../../../tools/generators/bench/bench.mjs';
import { swirl } from '../../../tools/generators/bench/swirl.mjs';
import { crossedSecant } from '../dist/index.js';

/** @import { Solver, TensorMap } from '@impflow/core' */
/** @import { Tensor } from '@tensorflow/tfjs-core' */

/** @typedef {{ readonly name: string; readonly f: TensorMap; readonly start: Tensor }} Problem */

const SAMPLES = 256;
const OPTIONS = { problem: /** @type {const} */ ('fixed-point'), atol: 1e-6, rtol: 1e-5, maxSteps: 500 };
const { race, report } = await bench(wasm());

const g = steepNet(32, 0.97);
const h = drawNormal(key(1), [SAMPLES, 32]);
/** @type {readonly Problem[]} */
const problems = [
  { name: 'inverse of a residual block, 32-D, contracts by 0.97', f: (y) => sub(h, g.apply(y)), start: h },
  { name: 'swirl, 8-D, contracts by 0.9', f: swirl(8, 0.9), start: drawNormal(key(2), [SAMPLES, 8]) },
  { name: 'swirl, 64-D, contracts by 0.99', f: swirl(64, 0.99), start: drawNormal(key(3), [SAMPLES, 64]) },
];

/**
 * Solves a problem, and counts the steps in which each sample was active.
 *
 * @param {Solver} solver
 * @param {Problem} problem
 */
const watched = (solver, { f, start }) => {
  const steps = new Float64Array(SAMPLES);
  const { value, stats } = solve(f, start, {
    solver: withObserver(
      solver,
      ({ active }) => {
        active.dataSync().forEach((going, i) => {
          steps[i] += going;
        });
      },
      OPTIONS,
    ),
    ...OPTIONS,
  });
  value.dispose();
  return { ...stats, steps };
};

const rows = [];
for (const problem of problems) {
  const solvers = [crossedSecant(), anderson(), fixedPoint()];
  const times = await race(
    solvers.map((solver) => () => {
      solve(problem.f, problem.start, { solver, ...OPTIONS }).value.dispose();
    }),
  );
  for (const [i, solver] of solvers.entries()) {
    const { steps, converged, evaluations, residual } = watched(solver, problem);
    rows.push([
      problem.name,
      solver.name,
      `${converged.reduce((sum, one) => sum + one, 0)} of ${SAMPLES}`,
      ...[0.5, 0.9, 1].map((share) => quantile(steps, share)),
      evaluations,
      Math.max(...residual).toExponential(1),
      times[i].toFixed(2),
    ]);
  }
}
report(
  ['map', 'solver', 'samples converged', 'steps, median', '90 %', 'most', 'evaluations', 'largest residual', 'ms'],
  rows,
);
