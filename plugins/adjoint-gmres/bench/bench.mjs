// `node bench/bench.mjs`: measures products and time of the adjoint solve for nets of @impflow/lipschitz, and compares
// GMRES with Anderson and fixed-point iteration. The program takes some minutes and needs compiled packages. --quick
// fewer rounds --write writes the table into README.md
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { gmres } from '@impflow/adjoint-gmres';
import { wasm } from '@impflow/backend-wasm';
import { fold, key, drawNormal, scoped } from '@impflow/core';
import { normalBase, normalizingFlow, residualBlock } from '@impflow/flows';
import { mlp } from '@impflow/lipschitz';
import { fixedPoint, iterativeAdjoint } from '@impflow/solvers';
import {
  add,
  div,
  expandDims,
  matMul,
  max,
  mean,
  mul,
  neg,
  norm,
  sqrt,
  squeeze,
  sum,
  tensor2d,
  train,
  zerosLike,
} from '@tensorflow/tfjs-core';
import { machine, versions } from '../../../tools/bench/machine.mjs';
import { median } from '../../../tools/bench/statistics.mjs';

/** @import { Contraction, Linearization } from '@impflow/core' */
/** @import { Tensor } from '@tensorflow/tfjs-core' */

/** @typedef {(dim: number, hidden: number, slope: number) => Contraction} MakeNet */

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, write: { type: 'boolean', default: false } },
});
const README = new URL('../README.md', import.meta.url);
const ROUNDS = values.quick ? 3 : 15;
const TRAINING = values.quick ? 50 : 200;
const BATCH = 64;
const RTOL = 1e-6;

const METHODS = [
  gmres({ rtol: RTOL }),
  iterativeAdjoint({ rtol: RTOL }),
  iterativeAdjoint({ rtol: RTOL, solver: fixedPoint(), maxSteps: 2000, fallback: [] }),
];

/**
 * Returns a net of three layers. The product of the caps of the layers is `slope`.
 *
 * @type {MakeNet}
 */
const fresh = (dim, hidden, slope) => mlp({ dim, hidden: [hidden, hidden], coeff: slope ** (1 / 3), key: key(1) });

/**
 * Returns a net with large random weights: each layer would exceed its cap and is scaled down to the cap.
 *
 * @type {MakeNet}
 */
const random = (dim, hidden, slope) => {
  const g = fresh(dim, hidden, slope);
  for (const [i, [, weight]] of Object.entries(g.parameters)
    .filter(([name]) => name.endsWith('weight'))
    .entries()) {
    scoped(() => weight.assign(drawNormal(fold(key(2), i), weight.shape)));
  }
  g.refresh({ tolerance: 1e-5 });
  return g;
};

/**
 * Returns a net whose first layers only copy their input and whose last layer scales its input. The Jacobian at zero is
 * diagonal, with entries spread evenly over `[-slope, slope]`. A rotation of the net would not change the eigenvalues.
 *
 * @type {MakeNet}
 */
const spread = (dim, hidden, slope) => {
  const g = fresh(dim, hidden, slope);
  const most = Math.min(dim, hidden);
  const weights = Object.entries(g.parameters)
    .filter(([name]) => name.endsWith('weight'))
    .map(([, weight]) => weight);
  const entries = weights.map(({ shape: [rows = 0, columns = 0] }, layer) =>
    tensor2d(
      Float32Array.from({ length: rows * columns }, (_, at) =>
        at % columns === Math.floor(at / columns) ? (layer === 2 ? (2 * (at % columns)) / (most - 1) - 1 : 1) : 0,
      ),
      [rows, columns],
    ),
  );
  for (const [layer, values] of entries.entries()) scoped(() => weights[layer].assign(mul(4, values)));
  for (const [name, bias] of Object.entries(g.parameters))
    if (name.endsWith('bias')) scoped(() => bias.assign(zerosLike(bias)));
  for (const own of entries) own.dispose();
  g.refresh({ tolerance: 1e-5 });
  return g;
};

/**
 * Returns the net of a residual block that was trained on rows with four common factors.
 *
 * @type {MakeNet}
 */
const trained = (dim, hidden, slope) => {
  const g = fresh(dim, hidden, slope);
  const flow = normalizingFlow(normalBase({ dim }), residualBlock({ g }));
  const loadings = drawNormal(key(6), [4, dim]);
  const optimizer = train.adam(2e-3);
  for (let step = 0; step < TRAINING; step++) {
    scoped(() => {
      const k = fold(key(7), step);
      const rows = add(
        mul(0.4, matMul(drawNormal(fold(k, 0), [BATCH, 4]), loadings)),
        mul(0.05, drawNormal(fold(k, 1), [BATCH, dim])),
      );
      optimizer.minimize(
        () => neg(mean(flow.logProb(rows, { train: true, key: fold(k, 2) }))),
        false,
        Object.values(g.parameters),
      );
    });
    g.refresh({ tolerance: 1e-3 });
  }
  optimizer.dispose();
  loadings.dispose();
  return g;
};

/**
 * Returns the largest singular value of the Jacobians of all samples, by power iteration.
 *
 * @param {Linearization} at
 * @param {Tensor} x
 */
const steepest = ({ jvp, vjp }, x) =>
  scoped(() => {
    let t = drawNormal(key(8), x.shape);
    for (let i = 0; i < 60; i++) {
      const next = squeeze(vjp(jvp(expandDims(t, 0))), [0]);
      t = div(next, norm(next, 2, 1, true));
    }
    return sqrt(max(sum(mul(jvp(expandDims(t, 0)), jvp(expandDims(t, 0))), 2))).dataSync()[0];
  });

/**
 * Returns a linearization like `at`, which also counts the products.
 *
 * @param {Linearization} at
 * @param {{ products: number }} counts
 * @returns {Linearization}
 */
const counting = (at, counts) => ({
  ...at,
  vjp: (u) => {
    counts.products += 1;
    return at.vjp(u);
  },
});

const backend = await wasm().start();
/** @type {(string | number)[][]} */
const rows = [];
for (const [dim, hidden] of [
  [8, 64],
  [64, 128],
  [784, 256],
]) {
  for (const [kind, made] of Object.entries({ random, trained, spread })) {
    for (const slope of [0.5, 0.9, 0.97, 0.99]) {
      const g = made(dim, hidden, slope);
      const [x, rhs] = [mul(0.1, drawNormal(key(5), [BATCH, dim])), drawNormal(key(9), [BATCH, dim])];
      const linearization = g.linearize(x, { tracked: false });
      const steepness = steepest(linearization, x);
      const entries = METHODS.map((method) => ({
        method,
        times: /** @type {number[]} */ ([]),
        products: 0,
        done: true,
      }));
      for (let round = 0; round <= ROUNDS; round++) {
        for (const entry of entries) {
          const counts = { products: 0 };
          const begun = performance.now();
          const { value, status } = entry.method.solve(counting(linearization, counts), rhs);
          // The first round is a warm-up.
          if (round > 0) entry.times.push(performance.now() - begun);
          value.dispose();
          Object.assign(entry, { products: counts.products, done: status === 'converged' });
        }
      }
      rows.push([
        dim,
        kind,
        slope,
        steepness.toFixed(2),
        ...entries.flatMap(({ products, done, times }) => [
          done ? products : `${products}, not done`,
          median(times).toFixed(1),
        ]),
      ]);
      console.error(`[bench] ${rows.at(-1).join('  ')}`);
      linearization.dispose();
      for (const own of [x, rhs, ...Object.values(g.parameters), ...Object.values(g.buffers)]) own.dispose();
    }
  }
}
backend.dispose();

const HEAD = [
  'dimension',
  'net',
  'cap',
  'largest slope',
  'GMRES: products',
  'ms',
  'Anderson: products',
  'ms',
  'plain: products',
  'ms',
];
const { cpu, cores } = machine();
const { node, tfjs, impflow } = versions();
/** @param {readonly (string | number)[]} cells */
const line = (cells) => `| ${cells.join(' | ')} |`;
const note =
  `${cpu}, ${cores} cores, Node ${node}, tfjs ${tfjs}, impflow ${impflow}; wasm, ${BATCH} rows, to a ` +
  `residual of ${RTOL.toExponential(0)} (1 + size of the solution); medians of ${ROUNDS} rounds.`;
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
