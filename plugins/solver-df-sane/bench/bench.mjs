// `node bench/bench.mjs`: measures evaluations and time of a solve, and compares DF-SANE with Anderson and Broyden, for
// the maps of implicit blocks and for systems that are not contractions. The program takes a minute or two and needs
// compiled packages. --quick fewer rounds --write writes the table into README.md
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { wasm } from '@impflow/backend-wasm';
import { fold, key, drawNormal, scoped } from '@impflow/core';
import { mlp } from '@impflow/lipschitz';
import { dfSane } from '@impflow/solver-df-sane';
import { anderson, broyden, solve } from '@impflow/solvers';
import { add, concat, exp, mul, pad, slice, sub, tensor2d, zerosLike } from '@tensorflow/tfjs-core';
import { machine, versions } from '../../../tools/bench/machine.mjs';
import { median } from '../../../tools/bench/statistics.mjs';

/** @import { Shape, TensorMap } from '@impflow/core' */
/** @import { Tensor } from '@tensorflow/tfjs-core' */

/**
 * @typedef {object} Problem
 * @property {string} name
 * @property {number} dim
 * @property {TensorMap} f
 * @property {Tensor} y0
 * @property {{ problem: 'fixed-point' | 'root'; atol: number; rtol: number }} options
 * @property {readonly Tensor[]} own
 */

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, write: { type: 'boolean', default: false } },
});
const README = new URL('../README.md', import.meta.url);
const ROUNDS = values.quick ? 2 : 9;
const BATCH = 64;
const METHODS = [dfSane(), anderson(), broyden()];

/**
 * Returns the problem `z + g(z) = h` of an implicit block. The product of the caps of the layers of `g` is `slope`.
 *
 * @param {string} kind
 * @param {(shape: Shape, layer: number, most: number) => Tensor} weigh
 * @returns {(dim: number, hidden: number, slope: number) => Problem}
 */
const block = (kind, weigh) => (dim, hidden, slope) => {
  const g = mlp({ dim, hidden: [hidden, hidden], coeff: slope ** (1 / 3), key: key(1) });
  const named = Object.entries(g.parameters);
  for (const [layer, [, weight]] of named.filter(([name]) => name.endsWith('weight')).entries())
    scoped(() => weight.assign(weigh(weight.shape, layer, Math.min(dim, hidden))));
  for (const [, bias] of named.filter(([name]) => name.endsWith('bias'))) scoped(() => bias.assign(zerosLike(bias)));
  g.refresh({ tolerance: 1e-5 });
  const h = mul(0.5, drawNormal(key(5), [BATCH, dim]));
  return {
    name: `block, ${kind}, cap ${slope}`,
    dim,
    f: (z) => sub(h, g.apply(z)),
    y0: h.clone(),
    options: { problem: 'fixed-point', atol: 1e-6, rtol: 1e-6 },
    own: [h, ...Object.values(g.parameters), ...Object.values(g.buffers)],
  };
};

/** The random weights are large: each layer would exceed its cap and is scaled down to the cap. */
const random = block('random', (shape, layer) => drawNormal(fold(key(2), layer), shape));

/**
 * The first layers of the net only copy their input, and the last layer scales its input. The Jacobian at zero is
 * diagonal, with entries spread evenly over `[-slope, slope]`. A rotation of the net would not change the eigenvalues.
 */
const spread = block('spread', ([rows = 0, columns = 0], layer, most) =>
  tensor2d(
    Float32Array.from({ length: rows * columns }, (_, at) =>
      at % columns !== Math.floor(at / columns) ? 0 : layer === 2 ? (8 * (at % columns)) / (most - 1) - 4 : 4,
    ),
    [rows, columns],
  ),
);

/**
 * @param {Tensor} y
 * @param {number} from
 * @param {number} [to]
 */
const part = (y, from, to = y.shape[1] ?? 0) => slice(y, [0, from], [-1, to - from]);
/**
 * @param {number} from
 * @param {number} to
 */
const places = (from, to) => tensor2d([Array.from({ length: to - from }, (_, i) => from + i + 1)]);

/**
 * Test functions of the paper. Solvers start at the initial points of the paper plus a little noise, and stop at a
 * residual of `3e-5 sqrt(d)`.
 *
 * @type {Readonly<Record<string, readonly [F: (y: Tensor, d: number) => Tensor, start: (d: number) => number[]]>>}
 */
const SYSTEMS = {
  'exponential function 2': [
    (y, d) =>
      concat(
        [sub(exp(part(y, 0, 1)), 1), mul(mul(0.1, places(1, d)), sub(add(exp(part(y, 1)), part(y, 0, d - 1)), 1))],
        1,
      ),
    (d) => Array.from({ length: d }, () => 1 / d ** 2),
  ],
  'strictly convex function 1': [(y) => sub(exp(y), 1), (d) => Array.from({ length: d }, (_, i) => (i + 1) / d)],
  'Broyden tridiagonal': [
    (y, d) =>
      add(
        sub(
          sub(
            mul(sub(3, mul(2, y)), y),
            pad(part(y, 0, d - 1), [
              [0, 0],
              [1, 0],
            ]),
          ),
          mul(
            2,
            pad(part(y, 1), [
              [0, 0],
              [0, 1],
            ]),
          ),
        ),
        1,
      ),
    (d) => Array.from({ length: d }, () => -1),
  ],
};
/**
 * @param {string} name
 * @param {number} dim
 * @returns {Problem}
 */
const system = (name, dim) => {
  const [F, start] = SYSTEMS[name];
  const y0 = scoped(() => add(tensor2d([start(dim)]), mul(0.02, drawNormal(key(3), [BATCH, dim]))));
  return {
    name,
    dim,
    f: (y) => F(y, dim),
    y0,
    options: { problem: 'root', atol: 3e-5 * Math.sqrt(dim), rtol: 0 },
    own: [],
  };
};

const problems = [
  ...[random, spread].flatMap((kind) =>
    [
      [8, 64],
      [64, 128],
      [784, 256],
    ].flatMap(([dim, hidden]) => [0.5, 0.9, 0.97, 0.99].map((slope) => () => kind(dim, hidden, slope))),
  ),
  ...Object.keys(SYSTEMS).flatMap((name) => [2, 10, 100].map((dim) => () => system(name, dim))),
];

const backend = await wasm().start();
/** @type {(string | number)[][]} */
const rows = [];
for (const made of problems) {
  const { name, dim, f, y0, options, own } = made();
  const entries = METHODS.map((solver) => ({ solver, times: /** @type {number[]} */ ([]), evaluations: 0, solved: 0 }));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const entry of entries) {
      const begun = performance.now();
      const { value, stats } = solve(f, y0, { solver: entry.solver, ...options, maxSteps: 500 });
      // The first round is a warm-up.
      if (round > 0) entry.times.push(performance.now() - begun);
      value.dispose();
      Object.assign(entry, {
        evaluations: stats.evaluations,
        solved: stats.converged.reduce((total, flag) => total + flag, 0),
      });
    }
  }
  rows.push([
    name,
    dim,
    ...entries.flatMap(({ evaluations, solved, times }) => [
      solved === BATCH ? evaluations : `${evaluations}, ${solved} converged`,
      median(times).toFixed(1),
    ]),
  ]);
  console.error(`[bench] ${rows.at(-1).join('  ')}`);
  for (const tensor of [y0, ...own]) tensor.dispose();
}
backend.dispose();

const HEAD = [
  'problem',
  'dimension',
  'DF-SANE: evaluations',
  'ms',
  'Anderson: evaluations',
  'ms',
  'Broyden: evaluations',
  'ms',
];
const { cpu, cores } = machine();
const { node, tfjs, impflow } = versions();
/** @param {readonly (string | number)[]} cells */
const line = (cells) => `| ${cells.join(' | ')} |`;
const note =
  `${cpu}, ${cores} cores, Node ${node}, tfjs ${tfjs}, impflow ${impflow}; wasm, ${BATCH} rows, until the ` +
  `last has converged, at most 500 steps of one evaluation each after the first; medians of ${ROUNDS} rounds. ` +
  'If not all rows converged, the cell contains the number of converged rows.';
const table = [note, '', line(HEAD), line(HEAD.map(() => '---')), ...rows.map(line)].join('\n');
console.log(table);
if (values.write)
  writeFileSync(
    README,
    readFileSync(README, 'utf8').replace(
      /<!-- bench -->[^]*<!-- \/bench -->/,
      () => `<!-- bench -->\n${table}\n<!-- /bench -->`,
    ),
  );
