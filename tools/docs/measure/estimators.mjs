// Compares estimators of log det(I + J) with the exact value in float64: bias, standard deviation, products, and the
// time of value and gradient.
import { core, tf } from '../../bench/library.mjs';
import { mean, median, variance } from '../../bench/statistics.mjs';
import { steepNet } from '../../bench/steep-net.mjs';
import { table } from '../../markdown.mjs';
import { exactLogDets } from './exact.mjs';

/**
 * @import { Contraction, LogDetEstimator, NetLinearization } from '@impflow/core'
 * @import { Tensor } from '@tensorflow/tfjs-core'
 */

const { exact, powerSeries, russianRoulette, solved } = await import('../../../packages/logdet/dist/index.js');

/** @type {Readonly<Record<string, () => LogDetEstimator>>} */
const ESTIMATORS = {
  exact: () => exact(),
  'series, 20 terms': () => powerSeries({ terms: 20 }),
  'roulette, geometric': () => russianRoulette({ distribution: 'geometric' }),
  'roulette, Poisson': () => russianRoulette({ distribution: 'poisson' }),
  'roulette, geometric, 20 certain terms': () => russianRoulette({ exactTerms: 20 }),
  solved: () => solved(),
};
const DIMS = [2, 8, 64, 784];
const SLOPES = [0.5, 0.9];
const ROWS = 4;
const TIMED_ROWS = 100;

/** The measured cases. The page has one table for each slope. */
export const ESTIMATED = SLOPES.flatMap((slope) => DIMS.map((dim) => ({ dim, slope })));

/**
 * @param {number} dim
 * @param {boolean} quick
 */
const keysFor = (dim, quick) => (dim > 100 ? 300 : 2000) / (quick ? 5 : 1);

/**
 * Measures the estimators on one net. With `quick`, uses a fifth of the keys and of the rounds.
 *
 * @param {number} dim
 * @param {number} slope
 * @param {boolean} quick
 */
export const measureEstimators = (dim, slope, quick) => {
  const g = steepNet(dim, slope);
  const x = core.drawNormal(core.key(6), [ROWS, dim]);
  const many = core.drawNormal(core.key(7), [dim > 100 ? 20 : TIMED_ROWS, dim]);
  const truth = exactLogDets(g, x);
  const made = Object.entries(ESTIMATORS).map(([name, create]) => ({
    name,
    estimator: create(),
    found: statistics(create(), g, x, truth, keysFor(dim, quick)),
    ms: /** @type {number[]} */ ([]),
  }));
  for (let round = -1; round < (quick ? 2 : 15); round++) {
    for (const one of made) {
      if ('refused' in one.found) continue;
      const begun = performance.now();
      const at = g.linearize(many);
      core.scoped(() => {
        const { pair } = one.estimator.estimate(at, core.key(100 + round));
        g.trained(at.pullback({ pair }).weights).at(-1)?.dataSync();
      });
      at.dispose();
      if (round >= 0) one.ms.push(performance.now() - begun);
    }
  }
  const result = {
    rows: ROWS,
    timedRows: many.shape[0],
    logDet: mean(truth),
    estimators: made.map(({ name, found, ms }) =>
      'refused' in found ? { name, ...found } : { name, ...found, ms: median(ms) },
    ),
  };
  tf.dispose([x, many, ...Object.values(g.parameters), ...Object.values(g.buffers)]);
  return result;
};

/**
 * Measures the errors of an estimator in nats, over independent keys. The rows of one call share the number of terms,
 * so each key is one observation. `products` is the number of products with the Jacobian, per row. If the estimator
 * does not support the net, the result is `{ refused }`.
 *
 * @param {LogDetEstimator} estimator
 * @param {Contraction} g
 * @param {Tensor} x
 * @param {readonly number[]} truth
 * @param {number} keys
 */
export const statistics = (estimator, g, x, truth, keys) => {
  const at = g.linearize(x, { tracked: false });
  const counted = counting(at);
  /** @type {readonly number[][]} */
  const errors = truth.map(() => []);
  // The exact value does not depend on the key.
  const draws = estimator.bias === 'exact' ? 1 : keys;
  try {
    for (let k = 0; k < draws; k++) {
      const values = core.scoped(() => estimator.estimate(counted.at, core.fold(core.key(8), k)).logDet.dataSync());
      for (const [b, error] of errors.entries()) error.push(values[b] - truth[b]);
    }
  } catch (error) {
    if (!core.isFlowError(error, 'unsupported')) throw error;
    return { refused: error.message };
  } finally {
    at.dispose();
  }
  const ofKeys = Array.from({ length: draws }, (_, k) => mean(errors.map((row) => row[k])));
  return {
    keys: draws,
    bias: mean(ofKeys),
    standardError: draws === 1 ? 0 : deviation(ofKeys) / Math.sqrt(draws),
    deviation: draws === 1 ? 0 : Math.sqrt(mean(errors.map((row) => deviation(row) ** 2))),
    products: counted.products() / draws,
  };
};

/**
 * Returns a linearized net that counts products with its Jacobian, per row.
 *
 * @param {NetLinearization} at
 */
const counting = (at) => {
  let products = 0;
  /**
   * @template R
   * @param {(stack: Tensor) => R} product
   * @returns {(stack: Tensor) => R}
   */
  const counted = (product) => (stack) => {
    products += stack.shape[0];
    return product(stack);
  };
  const units = () => {
    products += at.value.shape[1] ?? 1;
    return at.units();
  };
  return {
    products: () => products,
    at: { ...at, units, jvp: counted(at.jvp), vjp: counted(at.vjp), push: counted(at.push) },
  };
};

/** @param {readonly number[]} numbers */
const deviation = (numbers) => Math.sqrt(variance(numbers));

/**
 * Returns one table for each slope.
 *
 * @param {readonly any[]} records
 */
export const estimatorTables = (records) =>
  SLOPES.map((slope) => {
    const cases = records.filter((record) => record.slope === slope);
    return [
      `Estimates for nets of slope ${slope}, in nats, averaged over ${ROWS} rows. The bias is given with two standard errors. ` +
        'The column "products" has the number of products with the Jacobian that one value of one row needs. The milliseconds ' +
        `are the time for value and gradient of ${TIMED_ROWS} rows (20 rows with 784 dimensions or more).`,
      ...table(
        ['dimension', 'log det', 'estimator', 'bias', 'standard deviation', 'products', 'ms'],
        cases.flatMap(({ dim, logDet, estimators }) =>
          estimators.map((/** @type {any} */ found, /** @type {number} */ i) => [
            ...(i === 0 ? [dim, nats(logDet)] : ['', '']),
            ...cellsOf(found),
          ]),
        ),
      ).slice(0, -1),
    ].join('\n');
  }).join('\n\n');

/** @param {any} found */
const cellsOf = ({ name, refused, bias, standardError, deviation: spread, products, ms }) =>
  refused === undefined
    ? [
        name,
        `${signed(bias)}${standardError === 0 ? '' : ` ± ${nats(2 * standardError)}`}`,
        spread === 0 ? '0' : nats(spread),
        products.toFixed(1),
        ms < 10 ? ms.toFixed(1) : ms.toFixed(0),
      ]
    : [name, 'refuses', '', '', ''];

/** @param {number} x */
const nats = (x) => (Math.abs(x) < 1e-3 ? x.toExponential(0) : Math.abs(x) < 1 ? x.toFixed(3) : x.toFixed(2));
/** @param {number} x */
const signed = (x) => (x < 0 ? nats(x) : `+${nats(x)}`);
