// Runs each solver of ImpFlow on each family of problems. Returns, for every start, the result, the status and the cost
// of the solve.
import { core, tf, wasm } from '../bench/library.mjs';
import { mapOf } from './problems.mjs';

const { anderson, broyden, fixedPoint, linearizeByTape, newton, solve, withObserver } =
  await import('../../packages/solvers/dist/index.js');
const { crossedSecant } = await import('../../plugins/solver-crossed-secant/dist/index.js');
const { dfSane } = await import('../../plugins/solver-df-sane/dist/index.js');

/**
 * Solvers with their default options.
 *
 * @type {Readonly<Record<string, () => Solver>>}
 */
const SOLVERS = {
  'fixed-point': fixedPoint,
  anderson,
  broyden,
  newton,
  'crossed-secant': crossedSecant,
  'df-sane': dfSane,
};

/**
 * @import { Solver } from '@impflow/core'
 * @import { Tensor } from '@tensorflow/tfjs-core'
 * @import { Family } from './problems.mjs'
 */

/**
 * The result of a solve from one start.
 *
 * @typedef {object} Ended
 * @property {readonly number[]} y
 * @property {boolean} claimed Whether the method reports that it has converged.
 * @property {number} evaluations
 */

/**
 * Returns the results of all starts of a family, by method.
 *
 * @param {Family} family
 * @param {{ tolerance: number; maxSteps: number }} settings
 */
export const solveOurs = async (family, settings) => {
  await wasm().start();
  return Object.fromEntries(
    Object.entries(SOLVERS).map(([name, create]) => [name, core.scoped(() => solved(create(), family, settings))]),
  );
};

/**
 * @param {Solver} solver
 * @param {Family} family
 * @param {{ tolerance: number; maxSteps: number }} settings
 * @returns {readonly Ended[]}
 */
const solved = (solver, family, { tolerance, maxSteps }) => {
  const plain = mapOf(family);
  const map = Object.assign((/** @type {Tensor} */ y) => plain(y), {
    linearize: (/** @type {Tensor} */ y) => linearizeByTape(plain, y),
  });
  const steps = Array.from(family.starts, () => 0);
  const counting = withObserver(
    solver,
    ({ active }) =>
      active.dataSync().forEach((flag, i) => {
        steps[i] += flag;
      }),
    { atol: tolerance, rtol: 0 },
  );
  const { value, stats } = solve(map, tf.tensor2d([...family.starts]), {
    solver: counting,
    problem: family.form,
    atol: tolerance,
    rtol: 0,
    maxSteps,
  });
  // A sample that has not converged is also active at the last check, which is not a step.
  const needed = steps.map((count) => Math.min(count, stats.steps));
  // A linearization counts as much as finite differences in SciPy: the value, and one evaluation per column.
  const each = solver.name === 'newton' ? 1 + family.dim : (stats.evaluations - 1) / Math.max(1, stats.steps);
  const first = solver.name === 'newton' ? 1 + family.dim : 1;
  const rows = /** @type {number[][]} */ (value.arraySync());
  return rows.map((y, i) => ({
    y,
    claimed: stats.converged[i] === 1,
    evaluations: Math.round(first + each * needed[i]),
  }));
};
