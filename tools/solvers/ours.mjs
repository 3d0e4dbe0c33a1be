// Runs each of our solvers on each family: the result of every start, the status of the solve, and its cost.
import { core, tf, wasm } from '../bench/library.mjs';
import { mapOf } from './problems.mjs';

const { anderson, broyden, fixedPoint, linearizeByTape, newton, observed, solve } =
  await import('../../packages/solvers/dist/index.js');
const { crossedSecant } = await import('../../plugins/solver-crossed-secant/dist/index.js');
const { dfSane } = await import('../../plugins/solver-df-sane/dist/index.js');

/** Solvers with their default options. */
const SOLVERS = {
  'fixed-point': fixedPoint,
  anderson,
  broyden,
  newton,
  'crossed-secant': crossedSecant,
  'df-sane': dfSane,
};

/** `{ [method]: { [family]: [{ y, claimed, evaluations }] } }`, one entry per start. */
export const solveOurs = async (families, { tolerance, maxSteps }, say) => {
  await wasm().start();
  const found = {};
  for (const [name, create] of Object.entries(SOLVERS)) {
    found[name] = {};
    for (const family of families) {
      say(`${name}: ${family.name}`);
      found[name][family.name] = core.scoped(() => solved(create(), family, { tolerance, maxSteps }));
    }
  }
  return found;
};

const solved = (solver, family, { tolerance, maxSteps }) => {
  const plain = mapOf(family);
  const map = Object.assign((y) => plain(y), { linearize: (y) => linearizeByTape(plain, y) });
  const steps = Array.from(family.starts, () => 0);
  const counting = observed(
    solver,
    ({ active }) =>
      active.dataSync().forEach((flag, i) => {
        steps[i] += flag;
      }),
    { atol: tolerance, rtol: 0 },
  );
  const { value, stats } = solve(map, tf.tensor2d(family.starts), {
    solver: counting,
    problem: family.form,
    atol: tolerance,
    rtol: 0,
    maxSteps,
  });
  // At the last check a sample may still be active.
  const needed = steps.map((count) => Math.min(count, stats.steps));
  // A linearization counts like SciPy's differences: the value, and one evaluation per column.
  const each = solver.name === 'newton' ? 1 + family.dim : (stats.evaluations - 1) / Math.max(1, stats.steps);
  const first = solver.name === 'newton' ? 1 + family.dim : 1;
  return value
    .arraySync()
    .map((y, i) => ({ y, claimed: stats.converged[i] === 1, evaluations: Math.round(first + each * needed[i]) }));
};
