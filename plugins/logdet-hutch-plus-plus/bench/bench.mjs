// `node bench/bench.mjs`: measures cost and standard deviation of an estimate by Hutch++ and by russianRoulette, for
// equal numbers of products. The program takes some minutes and needs compiled packages. --quick fewer estimates
// --write writes the table into README.md
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { wasm } from '@impflow/backend-wasm';
import { fold, key, drawNormal, normals, scoped } from '@impflow/core';
import { normalBase, normalizingFlow, residualBlock } from '@impflow/flows';
import { mlp } from '@impflow/lipschitz';
import { russianRoulette } from '@impflow/logdet';
import { hutchPlusPlus } from '@impflow/logdet-hutch-plus-plus';
import { add, matMul, mean, mul, neg, tensor, tile, train } from '@tensorflow/tfjs-core';
import { machine, versions } from '../../../tools/bench/machine.mjs';
import { median } from '../../../tools/bench/statistics.mjs';

/** @import { Contraction, LogDetEstimator, NetLinearization } from '@impflow/core' */
/** @import { Tensor } from '@tensorflow/tfjs-core' */

/** @typedef {(dim: number, hidden: number) => Contraction} MakeNet */

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, write: { type: 'boolean', default: false } },
});
const README = new URL('../README.md', import.meta.url);
const ESTIMATES = values.quick ? 200 : 1000;
const ROUNDS = values.quick ? 5 : 20;
const TRAINING = values.quick ? 50 : 200;
const BATCH = 64;

// With 4 columns and 4 probes, Hutch++ needs 4 products for the sketch and 8 products per term, with 4 terms on
// average. In total, Hutch++ needs 36 products. The roulette with 9 probes also needs 36 products.
const METHODS = { roulette: russianRoulette({ probes: 9 }), 'hutch++': hutchPlusPlus() };

/** @type {MakeNet} */
const fresh = (dim, hidden) => mlp({ dim, hidden: [hidden, hidden], coeff: 0.97, key: key(1) });

/**
 * Returns a net with random weights. Row `i` of each layer is scaled by `(i + 1)^-decay`.
 *
 * @param {number} decay
 * @returns {MakeNet}
 */
const random = (decay) => (dim, hidden) => {
  const g = fresh(dim, hidden);
  for (const [i, [, weight]] of Object.entries(g.parameters)
    .filter(([name]) => name.endsWith('weight'))
    .entries()) {
    const [rows, columns] = weight.shape;
    const draw = normals(fold(key(2), i), rows * columns);
    scoped(() =>
      weight.assign(
        tensor(
          Float32Array.from(draw, (z, at) => z * (1 + Math.floor(at / columns)) ** -decay),
          weight.shape,
        ),
      ),
    );
  }
  g.refresh({ tolerance: 1e-5 });
  return g;
};

/**
 * Returns the net of a residual block that was trained on rows with unit variances and three common factors.
 *
 * @type {MakeNet}
 */
const trained = (dim, hidden) => {
  const g = fresh(dim, hidden);
  const flow = normalizingFlow(normalBase({ dim }), residualBlock({ g }));
  const loadings = drawNormal(key(6), [3, dim]);
  const optimizer = train.adam(2e-3);
  for (let step = 0; step < TRAINING; step++) {
    scoped(() => {
      const k = fold(key(7), step);
      const rows = add(
        mul(0.6 / Math.sqrt(3), matMul(drawNormal(fold(k, 0), [BATCH, 3]), loadings)),
        mul(0.8, drawNormal(fold(k, 1), [BATCH, dim])),
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

const NETS = { random: random(0), 'random, decaying': random(1), 'trained, three common factors': trained };

/**
 * Returns a linearization like `at`, which also counts the products, one per vector and sample.
 *
 * @param {NetLinearization} at
 * @param {{ products: number }} counts
 * @returns {NetLinearization}
 */
const counting = (at, counts) => {
  /**
   * @template R
   * @param {(stack: Tensor) => R} product
   * @returns {(stack: Tensor) => R}
   */
  const counted = (product) => (stack) => {
    counts.products += stack.shape[0];
    return product(stack);
  };
  return { ...at, jvp: counted(at.jvp), vjp: counted(at.vjp), push: counted(at.push) };
};

/**
 * Returns the standard deviation of independent estimates at one point. Each call has one row and draws a new number of
 * terms.
 *
 * @param {LogDetEstimator} method
 * @param {Contraction} g
 * @param {Tensor} x
 */
const spread = (method, g, x) => {
  const counts = { products: 0 };
  const at = g.linearize(x, { tracked: false });
  const counted = counting(at, counts);
  const seen = Array.from({ length: ESTIMATES }, (_, i) =>
    scoped(() => method.estimate(counted, fold(key(3), i)).logDet.dataSync()[0]),
  );
  at.dispose();
  const center = seen.reduce((total, value) => total + value, 0) / ESTIMATES;
  return {
    deviation: Math.sqrt(seen.reduce((total, value) => total + (value - center) ** 2, 0) / (ESTIMATES - 1)),
    products: counts.products / ESTIMATES,
  };
};

/**
 * Returns the milliseconds of an estimate for a batch and its gradient with respect to the parameters. The two
 * estimators get equal keys, so that they draw equal numbers of terms.
 *
 * @param {LogDetEstimator} method
 * @param {Contraction} g
 * @param {Tensor} x
 * @param {number} round
 */
const timed = (method, g, x, round) => {
  const begun = performance.now();
  const at = g.linearize(x);
  scoped(() => {
    const { pair } = method.estimate(at, fold(key(4), round));
    const gradients = g.trained(at.pullback({ pair }).weights);
    gradients[gradients.length - 1].dataSync();
  });
  at.dispose();
  return performance.now() - begun;
};

/** @param {number} x */
const significant = (x) => Number(x.toPrecision(2)).toString();

const backend = await wasm().start();
/** @type {(string | number)[][]} */
const rows = [];
for (const [dim, hidden] of [
  [8, 64],
  [64, 128],
  [784, 256],
]) {
  for (const [kind, made] of Object.entries(NETS)) {
    const g = made(dim, hidden);
    const point = drawNormal(key(5), [1, dim]);
    const batch = tile(point, [BATCH, 1]);
    const entries = Object.values(METHODS).map((method) => ({
      method,
      times: /** @type {number[]} */ ([]),
      ...spread(method, g, point),
    }));
    for (const { method } of entries) timed(method, g, batch, 0);
    for (let round = 1; round <= ROUNDS; round++)
      for (const { method, times } of entries) times.push(timed(method, g, batch, round));
    const [rival, ours] = entries;
    rows.push([
      dim,
      kind,
      ...entries.flatMap(({ deviation, products, times }) => [
        deviation.toPrecision(2),
        products.toFixed(0),
        median(times).toFixed(1),
      ]),
      significant((rival.deviation / ours.deviation) ** 2),
    ]);
    console.error(`[bench] ${rows.at(-1).join('  ')}`);
    for (const own of [point, batch, ...Object.values(g.parameters), ...Object.values(g.buffers)]) own.dispose();
  }
}
backend.dispose();

const HEAD = [
  'dimension',
  'net',
  'roulette: deviation',
  'products',
  'ms',
  'hutch++: deviation',
  'products',
  'ms',
  'variance, roulette / hutch++',
];
const { cpu, cores } = machine();
const { node, tfjs } = versions();
/** @param {readonly (string | number)[]} cells */
const line = (cells) => `| ${cells.join(' | ')} |`;
const table = [
  `${cpu}, ${cores} cores, Node ${node}, tfjs ${tfjs}; ${ESTIMATES} estimates, ${ROUNDS} rounds.`,
  '',
  line(HEAD),
  line(HEAD.map(() => '---')),
  ...rows.map(line),
].join('\n');
console.log(table);
if (values.write)
  writeFileSync(
    README,
    readFileSync(README, 'utf8').replace(
      /(<!-- bench -->\n)[^]*(<!-- \/bench -->)/,
      (_all, open, close) => `${open}${table}\n${close}`,
    ),
  );
