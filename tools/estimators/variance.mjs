// Computes the gradient of a training loss with each estimator, for fixed weights and rows. Returns the variance of the
// gradient over keys, and its time.
import { core, tf, training, wasm } from '../bench/library.mjs';
import { median } from '../bench/statistics.mjs';
import { ESTIMATORS, JOBS, started } from './jobs.mjs';

const [STEPS, KEYS, REFERENCE] = [150, 24, 96];

/**
 * @typedef {{ numbers: readonly Float32Array[]; ms: number }} Timed A gradient, one array for each parameter, and the
 * milliseconds that it took.
 */

/**
 * Returns, for each estimator, the variance of the whole gradient relative to its squared length, the milliseconds of a
 * gradient, and their product.
 *
 * @param {string} data
 * @param {(what: string) => void} say
 */
export const variances = async (data, say) => {
  await wasm().start();
  const job = JOBS[data]();
  say(`training ${STEPS} steps`);
  const trained = started(job, 'solved', 1);
  await training.fitToEnd({
    model: trained.flow,
    loss: trained.loss,
    batch: job.batch,
    key: core.key(1),
    steps: STEPS,
    optimizer: training.adam(),
    learningRate: job.learningRate,
    clipNorm: 10,
  });
  const x = job.batch(0, core.key(500));
  /**
   * Returns the gradients for `count` keys, each with its time in milliseconds.
   *
   * @param {string} estimator
   * @param {number} count
   * @returns {readonly Timed[]}
   */
  const gradients = (estimator, count) => {
    const { flow, loss } = started(job, estimator, 1);
    for (const part of /** @type {const} */ (['parameters', 'buffers']))
      for (const [path, variable] of Object.entries(flow[part])) variable.assign(trained.flow[part][path]);
    const found = Array.from({ length: count + 1 }, (_, i) => {
      const begin = performance.now();
      const { value, gradients: all } = core.scoped(() =>
        core.valueAndGradients(() => loss(x, core.key(1000 + i), () => {}), flow.parameters),
      );
      const numbers = Object.values(all).map((gradient) => /** @type {Float32Array} */ (gradient.dataSync()).slice());
      const ms = performance.now() - begin;
      core.release([value, all]);
      return { numbers, ms };
    }).slice(1);
    core.release([flow.parameters, flow.buffers]);
    return found;
  };
  /** @param {readonly Timed[]} found */
  const mean = (found) =>
    found[0].numbers.map((part, p) =>
      part.map((_, i) => found.reduce((sum, { numbers }) => sum + numbers[p][i], 0) / found.length),
    );
  /**
   * @param {readonly Float32Array[]} a
   * @param {readonly Float32Array[]} [b]
   */
  const squared = (a, b) =>
    a.reduce((sum, part, p) => sum + part.reduce((of, value, i) => of + (value - (b?.[p][i] ?? 0)) ** 2, 0), 0);
  // With `solved`, only the probes are random, and the mean over many probes is the exact gradient.
  const truth = mean(gradients('solved', REFERENCE));
  const size = squared(truth);
  const rows = [];
  for (const estimator of Object.keys(ESTIMATORS)) {
    const found = gradients(estimator, KEYS);
    const variance = found.reduce((sum, { numbers }) => sum + squared(numbers, truth), 0) / found.length / size;
    const ms = median(found.map((one) => one.ms));
    rows.push({ estimator, variance, ms, work: variance * ms });
    say(`${estimator}: ${variance.toExponential(2)} of the squared gradient, ${ms.toFixed(0)} ms`);
  }
  tf.dispose([x, ...Object.values(trained.flow.parameters), ...Object.values(trained.flow.buffers)]);
  return { steps: STEPS, keys: KEYS, rows };
};
