// Data on which estimators are compared: a table of 16 columns, which are the mean gray levels of 7 x 7 pixels of the
// bundled digits, and the digits themselves.
import { core, data, flows, tf } from '../bench/library.mjs';
import { batchOf, digits, noisy } from '../images/digits.mjs';

/**
 * @import { Key, SolveReport } from '@impflow/core'
 * @import { Images } from '@impflow/vision'
 * @import { FlowSpec, PluginSpec } from '@impflow/flows'
 * @import { Tensor } from '@tensorflow/tfjs-core'
 */

/**
 * A job on which estimators are measured. `scale` is the factor from nats to `unit`.
 *
 * @typedef {object} Job
 * @property {(logDet: PluginSpec) => FlowSpec} spec
 * @property {(step: number, key: Key) => Tensor} batch
 * @property {number} learningRate
 * @property {() => Tensor} heldOut
 * @property {string} unit
 * @property {number} scale
 */

const { key, uniforms } = core;

const SIDE = 28,
  CELL = 7;

/**
 * Returns the table `[n, 16]`: gray levels in [0, 256), with dequantization noise.
 *
 * @param {Images} images
 * @param {Key} noise
 */
const cells = ({ count, pixels }, noise) => {
  const dither = uniforms(noise, count * SIDE * SIDE);
  const rows = new Float32Array(count * 16);
  for (let i = 0; i < count * SIDE * SIDE; i++) {
    const [image, y, x] = [Math.floor(i / (SIDE * SIDE)), Math.floor(i / SIDE) % SIDE, i % SIDE];
    rows[image * 16 + Math.floor(y / CELL) * 4 + Math.floor(x / CELL)] += (pixels[i] + dither[i]) / CELL ** 2;
  }
  return rows;
};

/** @returns {Job} */
const table = () => {
  const [train, test] = [cells(digits.train, key(11)), cells(digits.test, key(12))];
  const count = digits.train.count;
  const scaling = data.fitScaling({
    columns: Array.from({ length: 16 }, (_, i) => `x${i}`),
    rows: count,
    values: train,
    source: 'digits',
  });
  return {
    spec: (logDet) =>
      flows.tabularPreset({ dim: 16, net: 'spectral', scaling, logDet, evaluationLogDet: { name: 'exact' } }),
    batch: (_step, k) =>
      tf.tidy(() => {
        const chosen = uniforms(k, 256);
        const rows = new Float32Array(256 * 16);
        chosen.forEach((u, i) =>
          rows.set(train.subarray(Math.floor(u * count) * 16, Math.floor(u * count) * 16 + 16), 16 * i),
        );
        return tf.tensor2d(rows, [256, 16]);
      }),
    learningRate: 2e-3,
    heldOut: () => tf.tensor2d(test, [test.length / 16, 16]),
    unit: 'nats a row',
    scale: 1,
  };
};

/** @returns {Job} */
const images = () => ({
  spec: (logDet) => flows.imagePreset({ shape: [28, 28, 1], blocks: 2, hidden: [32, 32], logDet }),
  batch: batchOf(64),
  learningRate: 5e-3,
  heldOut: () =>
    noisy(
      digits.test,
      Uint32Array.from({ length: 400 }, (_, i) => 2 * i),
      key(13),
    ),
  unit: 'bits per dimension',
  scale: 1 / (784 * Math.LN2),
});

/**
 * Functions that make the jobs, by name.
 *
 * @type {Readonly<Record<string, () => Job>>}
 */
export const JOBS = { table, images };

/** @type {Readonly<Record<string, PluginSpec>>} */
export const ESTIMATORS = {
  roulette: { name: 'roulette' },
  'roulette, 6 certain terms': { name: 'roulette', options: { exactTerms: 6 } },
  solved: { name: 'solved' },
  'solved, rtol 1e-2': { name: 'solved', options: { rtol: 1e-2 } },
};

/**
 * Returns a flow for a job with an estimator, and its loss.
 *
 * @param {Job} job
 * @param {string} estimator
 * @param {number} seed
 */
export const started = (job, estimator, seed) => {
  const flow = flows.buildFlow(job.spec(ESTIMATORS[estimator]), { key: key(seed) });
  core.scoped(() => flow.initialize(job.batch(0, key(seed + 100))));
  /**
   * @param {Tensor} x
   * @param {Key} k
   * @param {(report: SolveReport) => void} report
   * @returns {Tensor}
   */
  const loss = (x, k, report) => tf.neg(tf.mean(flow.logProb(x, { train: true, key: k, report })));
  return { flow, loss };
};
