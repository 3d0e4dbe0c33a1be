// Compares estimators of log-determinants on images with a series of 60 terms that uses the probes of the roulette:
// bias, variance, and variance times cost.
import { core, flows, tf, training, wasm } from '../bench/library.mjs';
import { withNets } from '../bench/nets.mjs';
import { mean, variance } from '../bench/statistics.mjs';
import { batchOf, digits, noisy } from './digits.mjs';

/**
 * @import { Contraction, Key, LogDetEstimator } from '@impflow/core'
 * @import { Distribution, RussianRouletteOptions } from '@impflow/logdet'
 * @import { Tensor } from '@tensorflow/tfjs-core'
 */

const { fold, key, scoped } = core;
const { powerSeries, rouletteCoefficients, russianRoulette, geometric, poisson } =
  await import('../../packages/logdet/dist/index.js');

const STEPS = 150;
const KEYS = 400;
const IMAGES = 16;
const LONG = 60;

/**
 * The estimators that are compared: a roulette with its distribution, or a series of `terms` terms.
 *
 * @type {readonly ({ name: string } & (
 *   | { options: RussianRouletteOptions & { exactTerms: number }; distribution: Distribution; terms?: undefined }
 *   | { terms: number }
 * ))[]}
 */
const contenders = [
  {
    name: 'roulette, geometric 0.5, 2 certain terms (training)',
    options: { exactTerms: 2 },
    distribution: geometric({ p: 0.5 }),
  },
  {
    name: 'roulette, geometric 0.3, 2 certain terms',
    options: { distribution: 'geometric', p: 0.3, exactTerms: 2 },
    distribution: geometric({ p: 0.3 }),
  },
  {
    name: 'roulette, Poisson 2, 2 certain terms',
    options: { distribution: 'poisson', lambda: 2, exactTerms: 2 },
    distribution: poisson({ lambda: 2 }),
  },
  {
    name: 'roulette, geometric 0.5, 10 certain terms',
    options: { exactTerms: 10 },
    distribution: geometric({ p: 0.5 }),
  },
  {
    name: 'roulette, geometric 0.5, 20 certain terms (evaluation)',
    options: { exactTerms: 20 },
    distribution: geometric({ p: 0.5 }),
  },
  { name: 'series of 5 terms', terms: 5 },
  { name: 'series of 10 terms', terms: 10 },
];

/**
 * Trains a flow for 150 steps. Returns nets of the flow, and the points at which the flow evaluates them.
 *
 * @param {(what: string) => void} say
 */
const trained = async (say) => {
  /** @type {Map<Contraction, Tensor>} */
  const seen = new Map();
  /**
   * @param {Contraction} g
   * @returns {Contraction}
   */
  const watching = (g) => ({
    ...g,
    linearize: (x, options) => {
      if (!seen.has(g)) seen.set(g, tf.keep(x.clone()));
      return g.linearize(x, options);
    },
  });
  let watched = false;
  /** @type {{ name: string; g: Contraction }[]} */
  const nets = [];
  const registries = withNets((g, name, shape) => {
    if (name === 'gz') return g;
    nets.push({ name: shape.join(' x '), g });
    return { ...g, linearize: (...args) => (watched ? watching(g) : g).linearize(...args) };
  });
  const flow = flows.buildFlow(
    flows.imagePreset({ shape: [28, 28, 1], blocks: 2, hidden: [32, 32], dense: { blocks: 0 } }),
    { key: key(1), registries },
  );
  const batch = batchOf(64);
  scoped(() => flow.initialize(batch(0, key(2))));
  await training.fitToEnd(
    {
      model: flow,
      batch,
      steps: STEPS,
      key: key(3),
      optimizer: training.adam(),
      learningRate: 2e-3,
      loss: (x, k, report) => tf.neg(tf.mean(flow.logProb(x, { train: true, key: k, report }))),
    },
    ({ step, loss }) => {
      if (step % 50 === 0) say(`trained ${step} steps, ${(loss / 784 / Math.LN2).toFixed(2)} bits per dimension`);
    },
  );
  flow.refresh({ tolerance: 1e-5 });
  watched = true;
  scoped(() =>
    flow.logProb(
      noisy(
        digits.test,
        Uint32Array.from({ length: IMAGES }, (_, i) => 60 * i),
        key(4),
      ),
      { key: key(5) },
    ),
  );
  // Only the last block of each scale is used.
  return [nets[1], nets[3]].flatMap(({ name, g }) => {
    const x = seen.get(g);
    return x === undefined ? [] : [{ name, g, x }];
  });
};

/**
 * Returns the mean number of terms of a roulette.
 *
 * @param {{ options: { exactTerms: number }; distribution: Distribution }} roulette
 */
const meanLength = ({ options: { exactTerms }, distribution }) =>
  mean(
    Array.from(
      { length: KEYS },
      (_, i) => rouletteCoefficients(distribution, exactTerms, distribution.sample(fold(fold(key(6), i), 0))).length,
    ),
  );

/**
 * Compares the estimators on one net of each scale. The row of the reference contains its value instead of a bias.
 *
 * @param {(what: string) => void} say
 */
export const estimators = async (say) => {
  await wasm().start();
  /** @type {object[]} */
  const rows = [];
  for (const { name: shape, g, x } of await trained(say)) {
    const at = g.linearize(x, { tracked: false });
    /**
     * @param {LogDetEstimator} estimator
     * @param {(k: Key) => Key} [of]
     */
    const estimates = (estimator, of = (k) => k) =>
      Array.from({ length: KEYS }, (_, i) =>
        Array.from(scoped(() => estimator.estimate(at, of(fold(key(6), i))).logDet.dataSync())),
      );
    // Roulette splits the given key and draws its probes with the second part, so the reference uses this part.
    const reference = estimates(powerSeries({ terms: LONG }), (k) => fold(k, 1));
    const noise = mean(Array.from({ length: IMAGES }, (_, b) => variance(reference.map((row) => row[b]))));
    rows.push({
      shape,
      name: `series of ${LONG} terms (reference)`,
      cost: LONG,
      value: mean(reference.flat()),
      deviation: Math.sqrt(noise),
      work: noise * LONG,
    });
    for (const contender of contenders) {
      const { name } = contender;
      const found =
        contender.terms === undefined
          ? estimates(russianRoulette(contender.options))
          : estimates(powerSeries({ terms: contender.terms }), (k) => fold(k, 1));
      // A call draws one number of terms for all its images, so only the means of calls are independent.
      const bias = found.map((row, i) => mean(row.map((value, b) => value - reference[i][b])));
      const total = mean(Array.from({ length: IMAGES }, (_, b) => variance(found.map((row) => row[b]))));
      const own = mean(
        Array.from({ length: IMAGES }, (_, b) => variance(found.map((row, i) => row[b] - reference[i][b]))),
      );
      const cost = contender.terms ?? meanLength(contender);
      const standardError = Math.sqrt(variance(bias) / KEYS);
      rows.push({
        shape,
        name,
        cost,
        bias: mean(bias),
        standardError,
        z: mean(bias) / standardError,
        deviation: Math.sqrt(total),
        ownDeviation: Math.sqrt(own),
        work: total * cost,
      });
      say(`${shape}, ${name}: bias ${mean(bias).toFixed(5)} ± ${standardError.toFixed(5)}`);
    }
    at.dispose();
    x.dispose();
  }
  return { steps: STEPS, keys: KEYS, images: IMAGES, rows };
};
