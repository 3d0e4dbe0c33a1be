// Compares solvers on the equation of one block, `z + g(z) = h`, with nets that reach their Lipschitz bound: steps,
// evaluations, time, failures.
import { core, tf } from '../../bench/library.mjs';
import { median } from '../../bench/statistics.mjs';
import { slopesAt, steepNet } from '../../bench/steep-net.mjs';
import { tableText } from '../../markdown.mjs';

/**
 * @import { Contraction, DifferentiableMap, Linearization, NetLinearization, Solver, SolveStats } from '@impflow/core'
 * @import { Tensor } from '@tensorflow/tfjs-core'
 */

const { anderson, broyden, fixedPoint, newton, quasiNewton, solve } =
  await import('../../../packages/solvers/dist/index.js');

/** @type {Readonly<Record<string, () => Solver>>} */
const SOLVERS = {
  'fixed-point': () => fixedPoint(),
  anderson: () => anderson(),
  broyden: () => broyden(),
  newton: () => newton(),
  'quasi-newton': () => quasiNewton(),
};
const DIMS = [2, 8, 64, 784];
const SLOPES = [0.5, 0.9, 0.97];
const MAX_STEPS = 500;
/** Ten times the default tolerance, which in 784 dimensions is close to the precision of float32. */
const TOLERANCE = 1e-5;
/** The measured cases. Each case is a row of the tables. */
export const SOLVED = DIMS.flatMap((dim) => SLOPES.map((slope) => ({ dim, slope })));

/**
 * Measures the solvers on one net, in nine rounds, or in three rounds with `quick`.
 *
 * @param {number} dim
 * @param {number} slope
 * @param {boolean} quick
 */
export const measureSolvers = (dim, slope, quick) => {
  const g = steepNet(dim, slope);
  const rows = dim > 100 ? 20 : 200;
  const h = core.drawNormal(core.key(5), [rows, dim]);
  const map = mapOf(g, h);
  const made = Object.entries(SOLVERS).map(([name, create]) => ({
    name,
    solver: create(),
    ms: /** @type {number[]} */ ([]),
    error: /** @type {string | undefined} */ (undefined),
    stats: /** @type {SolveStats | undefined} */ (undefined),
  }));
  /** @type {Tensor | undefined} */
  let root;
  for (let round = -1; round < (quick ? 3 : 9); round++) {
    for (const one of made) {
      if (one.error !== undefined) continue;
      try {
        const begun = performance.now();
        const { value, stats } = core.offTape(() =>
          solve(map, h, {
            solver: one.solver,
            problem: 'fixed-point',
            maxSteps: MAX_STEPS,
            atol: TOLERANCE,
            rtol: TOLERANCE,
          }),
        );
        // The first round is a warm-up.
        if (round >= 0) one.ms.push(performance.now() - begun);
        one.stats = stats;
        if (one.name === 'anderson' && root === undefined) root = value;
        else value.dispose();
      } catch (error) {
        if (!core.isFlowError(error, 'unsupported')) throw error;
        one.error = error.message;
      }
    }
  }
  if (root === undefined) throw new Error(`[docs] anderson refuses ${dim} dimensions: expected a root.`);
  const slopes = slopesAt(g, root);
  tf.dispose([root, h, ...Object.values(g.parameters), ...Object.values(g.buffers)]);
  return {
    maxSteps: MAX_STEPS,
    tolerance: TOLERANCE,
    rows,
    slopeAtRoot: median(slopes),
    solvers: Object.fromEntries(
      made.map(({ name, ms, error, stats }) => [
        name,
        error === undefined && stats !== undefined
          ? {
              steps: stats.steps,
              evaluations: stats.evaluations,
              ms: median(ms),
              failed: rows - stats.converged.reduce((sum, flag) => sum + flag, 0),
            }
          : { refused: String(error) },
      ]),
    ),
  };
};

/**
 * Returns the map `h - g(z)` with its derivative. The blocks solve their equation in this form.
 *
 * @param {Contraction} g
 * @param {Tensor} h
 * @returns {DifferentiableMap}
 */
export const mapOf = (g, h) =>
  Object.assign((/** @type {Tensor} */ z) => /** @type {Tensor} */ (tf.sub(h, g.apply(z))), {
    linearize: (/** @type {Tensor} */ z) => minus(h, g.linearize(z, { tracked: false })),
  });

/**
 * @param {Tensor} h
 * @param {NetLinearization} inner
 * @returns {Linearization}
 */
const minus = (h, inner) => {
  /** @type {Tensor} */
  const value = tf.sub(h, inner.value);
  /** @type {Tensor | undefined} */
  let jacobian;
  return {
    value,
    jvp: (t) => core.scoped(() => tf.neg(inner.jvp(t))),
    vjp: (u) => core.scoped(() => tf.neg(inner.vjp(u))),
    jacobian: () => (jacobian ??= core.kept(() => tf.neg(inner.jacobian()))),
    dispose: () => {
      inner.dispose();
      tf.dispose(jacobian === undefined ? [value] : [value, jacobian]);
    },
  };
};

/**
 * Returns two tables: the steps and evaluations, and the time.
 *
 * @param {readonly any[]} cases
 */
export const solverTables = (cases) => {
  const names = Object.keys(cases[0].solvers);
  const [{ maxSteps, tolerance }] = cases;
  /** @param {(cell: any, one: any) => string} cell */
  const grid = (cell) =>
    tableText(
      ['dimension', 'slope', ...names.map((name) => `\`${name}\``)],
      cases.map((one) => [
        one.dim,
        `${one.slope}\u00A0(${one.slopeAtRoot.toFixed(2)})`,
        ...names.map((name) => ('refused' in one.solvers[name] ? '–' : cell(one.solvers[name], one))),
      ]),
    );
  /** @param {any} one */
  const best = (one) =>
    Math.min(...Object.values(one.solvers).flatMap((cell) => ('refused' in cell || cell.failed > 0 ? [] : [cell.ms])));
  /**
   * @param {number} failed
   * @param {number} rows
   */
  const failing = (failed, rows) => (failed === 0 ? '' : `, ${Math.round((100 * failed) / rows)} % failed`);
  return [
    'The table has the number of steps until all rows have a residual of at most ' +
      `\`${tolerance.toExponential()} (1 + |z|)\`, and in brackets the number of evaluations of the net. ` +
      `A solve takes at most ${maxSteps} steps, without a fallback. The slope is the net's Lipschitz bound; ` +
      'the number in brackets is the median slope at the roots. A dash marks a dimension that the solver refuses.',
    '',
    grid((cell, one) => `${cell.steps}\u00A0(${cell.evaluations})${failing(cell.failed, one.rows)}`),
    '',
    `The table shows the milliseconds that a solve takes for ${[...new Set(cases.map(({ rows }) => rows))].join(' rows (')} rows with 784 dimensions or more). Bold marks the fastest solver without a failure.`,
    '',
    grid((cell, one) => {
      const text = cell.ms < 10 ? cell.ms.toFixed(1) : cell.ms.toFixed(0);
      return cell.ms === best(one) ? `**${text}**` : text + failing(cell.failed, one.rows);
    }),
  ].join('\n');
};
