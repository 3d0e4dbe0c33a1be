// `npm run images -- estimators`: compares Russian roulette on images with 60 terms of the series with the same probes:
// bias, variance, and variance times cost.
import { core, flows, lipschitz, tf, training, wasm } from '../bench/library.mjs';
import { batchOf, digits, noisy } from './digits.mjs';

/**
 * @import { Contraction, Key, LogDetEstimator } from '@impflow/core'
 * @import { BuildContext, NetSpec, Registries } from '@impflow/flows'
 * @import { Distribution, RussianRouletteOptions } from '@impflow/logdet'
 * @import { Tensor } from '@tensorflow/tfjs-core'
 */

/**
 * A roulette with its distribution, or a series of `terms`.
 *
 * @typedef {{ name: string } & (
 *   | { options: RussianRouletteOptions & { exactTerms: number }; distribution: Distribution; terms?: undefined }
 *   | { terms: number }
 * )} Racing
 */

/**
 * An estimator on the net of one scale, in nats per image. The reference has a value instead of a bias.
 *
 * @typedef {object} EstimatorRow
 * @property {string} shape
 * @property {string} name
 * @property {number} cost Products with the transposed Jacobian.
 * @property {number} [value]
 * @property {number} [bias]
 * @property {number} [standardError]
 * @property {number} [z] Bias in standard errors.
 * @property {number} deviation
 * @property {number} [ownDeviation] Of the difference from the reference with the same probes.
 * @property {number} work Variance times cost.
 */

const { fold, key, scoped } = core;
const { powerSeries, rouletteCoefficients, russianRoulette, geometric, poisson } =
  await import('../../packages/logdet/dist/index.js');

const STEPS = 150;
const KEYS = 400;
const IMAGES = 16;
const LONG = 60;

/** @type {readonly Racing[]} */
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
 * Trains shortly, and returns the points at which the nets are evaluated.
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
  /**
   * @param {NetSpec} netSpec
   * @param {BuildContext} build
   * @param {number} purpose
   */
  const net = ({ activation, ...spec }, { shape, key: own, activation: create }, purpose) =>
    lipschitz.convNet({
      ...spec,
      shape: [shape[0], shape[1], shape[2]],
      key: fold(own, purpose),
      activation: () => create(activation),
    });
  let watched = false;
  /** @type {{ name: string; g: Contraction }[]} */
  const nets = [];
  /** @type {Registries['block']['create']} */
  const create = (named) => {
    if (named.name !== 'implicit') return flows.builtInRegistries.block.create(named);
    const { gx, gz, build } = /** @type {{ gx: NetSpec; gz: NetSpec; build: BuildContext }} */ (
      /** @type {unknown} */ (named.options)
    );
    const [x, z] = [net(gx, build, 0), net(gz, build, 1)];
    nets.push({ name: `${build.shape.join(' x ')}`, g: x });
    return flows.implicitBlock({
      ...build.options,
      gx: { ...x, linearize: (...args) => (watched ? watching(x) : x).linearize(...args) },
      gz: z,
    });
  };
  const registries = { ...flows.builtInRegistries, block: { ...flows.builtInRegistries.block, create } };
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
      if (step % 50 === 0)
        say(`estimators: trained ${step} steps, ${(loss / 784 / Math.LN2).toFixed(2)} bits per dimension`);
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
  // The last block of each scale.
  return [nets[1], nets[3]].flatMap(({ name, g }) => {
    const x = seen.get(g);
    return x === undefined ? [] : [{ name, g, x }];
  });
};

/**
 * The mean number of terms of a roulette.
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

/** @param {readonly number[]} numbers */
const mean = (numbers) => numbers.reduce((sum, n) => sum + n, 0) / numbers.length;
/** @param {readonly number[]} numbers */
const variance = (numbers) => {
  const center = mean(numbers);
  return numbers.reduce((sum, n) => sum + (n - center) ** 2, 0) / (numbers.length - 1);
};

/**
 * Compares the estimators on one net of each scale.
 *
 * @param {import('./measured.mjs').PartOptions} options
 */
export const estimators = async ({ say }) => {
  await wasm().start();
  /** @type {EstimatorRow[]} */
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
    // Roulette derives its probes from the second key split from the given one.
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
      // One length is drawn per call, so the images of a call are dependent; calls are independent.
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
      say(`estimators: ${shape}, ${name}: bias ${mean(bias).toFixed(5)} ± ${standardError.toFixed(5)}`);
    }
    at.dispose();
    x.dispose();
  }
  return { steps: STEPS, keys: KEYS, images: IMAGES, rows };
};
