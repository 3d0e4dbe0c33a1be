import { bold, tableText } from '../markdown.mjs';
import { measuredOn, unique } from '../measure/page.mjs';

/** Approximate rounding error of an estimate of some tens of nats. */
const FLOAT32 = 1e-5;
/** @param {{ bias?: number; standardError?: number }} row */
const isRounding = ({ bias = NaN, standardError = NaN }) => Math.abs(bias) < FLOAT32 && standardError < FLOAT32;
/** @param {number} bytes */
const mib = (bytes) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
/** @param {number} share */
const percent = (share) => `${(100 * share).toFixed(2)} %`;
/** @param {number} s */
const seconds = (s) => (s >= 90 ? `${(s / 60).toFixed(1)} min` : `${s.toFixed(0)} s`);
/** @type {Readonly<Record<string, string>>} */
const NAMES = { implicit: 'ImpFlow', residual: 'ResFlow', coupling: 'RealNVP', vanilla: 'vanilla' };

/** @typedef {readonly any[]} Records */

/** @param {Records} models */
const density = (models) =>
  tableText(
    [
      '',
      'parameters',
      'options',
      'steps',
      'training',
      'a step',
      'bits per dimension',
      'round trip, largest',
      'mean',
      'largest norm of a layer / its cap',
    ],
    models.map(
      ({ model, parameters, options, steps, trainingSeconds, secondsPerStep, heldOut, reconstruction, lipschitz }) => [
        NAMES[model],
        parameters.toLocaleString('en'),
        `\`${options.slice(2).join(' ')}\``,
        steps,
        seconds(trainingSeconds),
        `${secondsPerStep.toFixed(3)} s`,
        `**${heldOut.bitsPerDim.mean.toFixed(3)}** (${heldOut.bitsPerDim.low.toFixed(3)} to ${heldOut.bitsPerDim.high.toFixed(3)})`,
        reconstruction.max.toExponential(1),
        reconstruction.mean.toExponential(1),
        lipschitz === undefined ? '–' : lipschitz.largestRatio.toFixed(5),
      ],
    ),
  ) +
  `\n\nIndependent pixels, each with the histogram of its gray levels in the training images: ${models[0].baseline.bitsPerDim.mean.toFixed(3)} bits per dimension.`;

/** @param {Records} models */
const classify = (models) =>
  tableText(
    ['blocks', 'Lipschitz coefficient of a convolution', 'parameters', 'accuracy', 'cross-entropy', 'largest norm'],
    models.map(({ name, coeff, parameters, heldOut: { accuracy, crossEntropy }, lipschitz }) => [
      NAMES[name],
      coeff ?? '–',
      parameters.toLocaleString('en'),
      `**${percent(accuracy.mean)}** (${percent(accuracy.low)} to ${percent(accuracy.high)})`,
      crossEntropy.toFixed(4),
      lipschitz === undefined ? '–' : lipschitz.largestNorm.toFixed(5),
    ]),
  );

/** @param {Records} records */
const memory = ([{ rows }]) =>
  tableText(
    [
      'blocks',
      'peak, keep',
      'peak, budget',
      'wasm, keep',
      'wasm, budget',
      'a step, keep',
      'a step, budget',
      'gradients differ by (whole)',
      '(worst parameter)',
    ],
    rows.map((/** @type {any} */ { blocks, keep, budget, difference }) => [
      blocks,
      mib(keep.peak),
      mib(budget.peak),
      mib(keep.wasm),
      mib(budget.wasm),
      `${keep.seconds.toFixed(2)} s`,
      `${budget.seconds.toFixed(2)} s`,
      difference.whole.toExponential(1),
      difference.worst.error.toExponential(1),
    ]),
  );

/** @param {Records} records */
const estimators = ([{ rows: all }]) =>
  [...new Set(all.map((/** @type {any} */ { shape }) => shape))]
    .map((shape) => {
      const rows = all.filter((/** @type {any} */ each) => each.shape === shape);
      const grid = tableText(
        ['estimator', 'cost', 'bias', 'z', 'deviation', 'of it, without the probes', 'variance x cost'],
        rows.map((/** @type {any} */ { name, cost, bias, standardError, z, deviation, ownDeviation, work }) => [
          name,
          cost.toFixed(1),
          bias === undefined
            ? '–'
            : isRounding({ bias, standardError })
              ? 'rounding'
              : `${bias.toFixed(5)} ± ${standardError.toFixed(5)}`,
          z === undefined || isRounding({ bias, standardError }) ? '–' : z.toFixed(1),
          deviation.toFixed(3),
          ownDeviation === undefined ? '–' : ownDeviation.toFixed(3),
          work.toFixed(2),
        ]),
      );
      return `${shape}, ${rows[0].value?.toFixed(3)} nats per image:\n\n${grid}`;
    })
    .join('\n\n');

/** @param {Records} records */
const norms = ([{ rows, every }]) =>
  tableText(
    [
      'each step',
      ...rows[0].ratios.map((/** @type {number} */ _, /** @type {number} */ i) => `step ${(i + 1) * every}`),
      'time of a step',
    ],
    rows.map((/** @type {any} */ { name, ratios, secondsPerStep }) => [
      name,
      ...ratios.map((/** @type {number} */ ratio) => ratio.toFixed(3)),
      `${(1000 * secondsPerStep).toFixed(1)} ms`,
    ]),
  );

/**
 * Returns the measured parts of docs/images.md: one part for each kind of measurement and data set, with the minutes
 * that the measurement took.
 *
 * @param {Records} records
 */
export const imagesTexts = (records) =>
  Object.fromEntries(
    Object.entries({ density, classify, memory, estimators, norms }).flatMap(([part, show]) => {
      const all = records.filter((record) => record.part === part);
      return unique(all.map(({ data }) => data)).map((data) => {
        const own = all.filter((record) => record.data === data);
        const minutes = own.reduce((sum, record) => sum + record.minutes, 0).toFixed(0);
        return [
          data === undefined ? part : `${part} ${data}`,
          `${show(own)}\n\n${minutes} min, measured on ${measuredOn(own)}.`,
        ];
      });
    }),
  );

/**
 * Returns the table of docs/results.md: bits per dimension, with the lowest number in bold.
 *
 * @param {Records} records
 */
export const bitsTable = (records) => {
  const titles = { 'fashion-mnist': 'Fashion-MNIST', digits: 'digits' };
  const models = ['implicit', 'residual', 'coupling'];
  return tableText(
    ['data', ...models],
    Object.entries(titles).map(([data, title]) => {
      const bits = models.map(
        (model) => records.find((record) => record.job === `density ${data} ${model}`)?.heldOut.bitsPerDim.mean ?? NaN,
      );
      return [title, ...bits.map((each) => bold(each.toFixed(3), each === Math.min(...bits)))];
    }),
  );
};
