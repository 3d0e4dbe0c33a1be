// Writes docs/images.md from the measurements.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { table } from '../markdown.mjs';
import { DATA, DEFAULT_DATA, measured } from './measured.mjs';

/**
 * @import { machine, versions } from '../bench/machine.mjs'
 * @import { ClassModel, DensityModel } from './measured.mjs'
 */

/**
 * Where and when a part was measured.
 *
 * @typedef {object} Provenance
 * @property {ReturnType<typeof machine>} machine
 * @property {ReturnType<typeof versions>} versions
 * @property {string} date
 * @property {number} minutes
 */

/** @typedef {Provenance & { common: readonly string[]; models: readonly DensityModel[] }} Density */
/** @typedef {Provenance & { steps: number; common: readonly string[]; models: readonly ClassModel[] }} Classes */
/** @typedef {Provenance & { rows: readonly import('./memory.mjs').MemoryRow[] }} MemoryTable */
/** @typedef {import('./estimators.mjs').EstimatorRow} EstimatorRow */
/** @typedef {Provenance & Awaited<ReturnType<typeof import('./estimators.mjs').estimators>>} EstimatorTable */
/** @typedef {Provenance & Awaited<ReturnType<typeof import('./norms.mjs').norms>>} NormTable */

/**
 * @param {string} part
 * @param {string} data
 */
const read = (part, data) => {
  const file = measured(part, data);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
};
/**
 * @param {string} part
 * @param {string} data
 */
const options = (part, data) => (data === DEFAULT_DATA ? part : `${part} --data ${data}`);
/** Rounding errors of an estimate of some tens of nats are about this large. */
const FLOAT32 = 1e-5;
/** @param {Pick<EstimatorRow, 'bias' | 'standardError'>} row */
const isRounding = ({ bias = NaN, standardError = NaN }) => Math.abs(bias) < FLOAT32 && standardError < FLOAT32;
/** @param {number} bytes */
const mib = (bytes) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
/** @param {number} share */
const percent = (share) => `${(100 * share).toFixed(2)} %`;
/** @param {number} s */
const seconds = (s) => (s >= 90 ? `${(s / 60).toFixed(1)} min` : `${s.toFixed(0)} s`);
/**
 * @param {Provenance} found
 * @param {string} part
 */
const provenance = ({ machine, versions, date, minutes }, part) =>
  `\`npm run images -- ${part}\` (${minutes.toFixed(0)} min) on ${date}, ${machine.cores} cores of ` +
  `${machine.cpu}, ${machine.memoryGiB} GiB, Node ${versions.node}, tfjs ${versions.tfjs}, commit ` +
  `${versions.impflow}.`;
/** @type {Readonly<Record<string, string>>} */
const NAMES = { implicit: 'ImpFlow', residual: 'ResFlow', coupling: 'RealNVP', vanilla: 'vanilla' };

/**
 * @param {Density} found
 * @param {string} data
 */
const density = (found, data) => [
  `## Density of ${DATA[data].title}`,
  '',
  provenance({ ...found, minutes: found.models.reduce((sum, m) => sum + m.seconds, 0) / 60 }, options('density', data)),
  '',
  `${found.models[0].heldOut.rows} test images of \`${data}\` (28 x 28 x 1), gray levels with uniform ` +
    'noise. Two scales (14 x 14 x 4, 7 x 7 x 16) of four implicit blocks each, eight residual ones, or four',
  'couplings, and two blocks (four, two) of dense nets at the end, with an act-norm after each. All ' +
    `channels are kept. All models train for seven minutes on all cores (\`${found.common.join(' ')}\`): ` +
    'steps of implicit blocks take longer, so there are fewer. Intervals are 95 % over the test',
  `images. The round trip is |x - f⁻¹(f(x))| of a pixel over ${found.models[0].reconstruction.images} of them, where 1 is the range of the gray levels.`,
  ...table(
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
    found.models.map((m) => [
      NAMES[m.model],
      m.parameters.toLocaleString('en'),
      `\`${m.options.slice(2).join(' ')}\``,
      m.steps,
      seconds(m.trainingSeconds),
      `${m.secondsPerStep.toFixed(3)} s`,
      `**${m.heldOut.bitsPerDim.mean.toFixed(3)}** (${m.heldOut.bitsPerDim.low.toFixed(3)} to ${m.heldOut.bitsPerDim.high.toFixed(3)})`,
      m.reconstruction.max.toExponential(1),
      m.reconstruction.mean.toExponential(1),
      m.lipschitz === undefined ? '–' : m.lipschitz.largestRatio.toFixed(5),
    ]),
  ),
  `Independent pixels, each with the histogram of its gray levels in the training images: ${found.models[0].baseline.bitsPerDim.mean.toFixed(3)} bits per dimension.`,
  '',
  ...found.models.flatMap(({ model }) => [
    `Samples of the ${NAMES[model]}:`,
    '',
    `![Samples of the ${NAMES[model]}](figures/${data}-${model}-samples.png)`,
    '',
  ]),
  'Between two test images through the base space of the ImpFlow:',
  '',
  `![Interpolations](figures/${data}-implicit-interpolations.png)`,
  '',
];

/**
 * @param {Classes} found
 * @param {string} data
 */
const classify = (found, data) => [
  `## Classification of ${DATA[data].title}`,
  '',
  provenance(found, options('classify', data)),
  '',
  'ResNets of four stages (8, 16, 16, 32 channels), the block of each one implicit, two residual or two ' +
    `ordinary ones; ${found.steps} steps of 64 images (\`${found.common.join(' ')}\`). Accuracy on ` +
    `${found.models[0].heldOut.rows} test images with Wilson's 95 % interval.`,
  'The norm is the largest of all convolutions with a cap, at the true size of the images, certified by a banded Cholesky factorization, which is independent of the method that computes the caps.',
  ...table(
    ['blocks', 'Lipschitz coefficient of a convolution', 'parameters', 'accuracy', 'cross-entropy', 'largest norm'],
    found.models.map((m) => [
      NAMES[m.name],
      m.coeff ?? '–',
      m.parameters.toLocaleString('en'),
      `**${percent(m.heldOut.accuracy.mean)}** (${percent(m.heldOut.accuracy.low)} to ${percent(m.heldOut.accuracy.high)})`,
      m.heldOut.crossEntropy.toFixed(4),
      m.lipschitz === undefined ? '–' : m.lipschitz.largestNorm.toFixed(5),
    ]),
  ),
];

/** @param {MemoryTable} found */
const memory = (found) => [
  '## Memory',
  '',
  provenance(found, 'memory'),
  '',
  'One training step of a flow of one scale (14 x 14 x 4), implicit blocks with nets of 32-32 channels, ' +
    'batch 64. `--memory keep` stores everything that the backward pass needs. `--memory budget` computes ' +
    'the gradient of each',
  'log-determinant in the forward pass and runs the nets again in the backward pass. Losses are the same ' +
    'to the bit. Peak: bytes of tensors. wasm: the memory of the backend, which never shrinks. Each is ' +
    'measured in a separate process.',
  ...table(
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
    found.rows.map(({ blocks, keep, budget, difference }) => [
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
  ),
  'With `--memory budget` only the points between blocks and the gradients, which have the size of images, grow with the number of blocks; the traces of the nets do not.',
  '',
];

/** @param {EstimatorTable} found */
const estimators = (found) => {
  /** @param {EstimatorRow} row */
  const row = ({ name, cost, bias, standardError, z, deviation, ownDeviation, work }) => [
    name,
    cost.toFixed(1),
    bias === undefined
      ? '–'
      : isRounding({ bias, standardError })
        ? 'rounding'
        : `${bias.toFixed(5)} ± ${standardError?.toFixed(5)}`,
    z === undefined || isRounding({ bias, standardError }) ? '–' : z.toFixed(1),
    deviation.toFixed(3),
    ownDeviation === undefined ? '–' : ownDeviation.toFixed(3),
    work.toFixed(2),
  ];
  return [
    '## The estimator on images',
    '',
    provenance(found, 'estimators'),
    '',
    `log det(I + J) of one net of each scale of a flow trained for ${found.steps} steps, at ` +
      `${found.images} test images, in nats per image: ${found.keys} independent estimates against 60 ` +
      'terms of the power series with the same probes. Bias: the mean difference with its standard',
    'error over estimates (one length is drawn for all images of a call); deviation: that of an ' +
      'estimate, probes included, and that of its difference from the 60 terms alone. Cost: products with ' +
      'the transposed Jacobian.',
    ...[...new Set(found.rows.map(({ shape }) => shape))].flatMap((shape) => {
      const rows = found.rows.filter((each) => each.shape === shape);
      return [
        `\n${shape}, ${rows[0].value?.toFixed(3)} nats per image:`,
        ...table(
          ['estimator', 'cost', 'bias', 'z', 'deviation', 'of it, without the probes', 'variance x cost'],
          rows.map(row),
        ),
      ];
    }),
  ];
};

/** @param {NormTable} found */
const norms = (found) => [
  '## How closely a training step follows the norms',
  '',
  provenance(found, 'norms'),
  '',
  `The largest true norm of ${found.rows[0].layers} capped 3 x 3 convolutions of a flow in its first ` +
    `${found.steps} steps, as a multiple of the cap ${found.coeff}, at every ${found.every}th step. ` +
    'Trained convolutions have many leading singular',
  'values close together, which power iteration separates slowly. The bound of a net is the product of ' +
    'three caps, 0.73 here. A search to a residual of 1e-5, before each validation and at the end, removes ' +
    'the lag.',
  ...table(
    ['each step', ...found.rows[0].ratios.map((_, i) => `step ${(i + 1) * found.every}`), 'time of a step'],
    found.rows.map(({ name, ratios, secondsPerStep }) => [
      name,
      ...ratios.map((ratio) => ratio.toFixed(3)),
      `${(1000 * secondsPerStep).toFixed(1)} ms`,
    ]),
  ),
];

/** Writes the page from the parts that exist. */
export const writeReport = () => {
  const parts = Object.entries({ density, classify, memory, estimators, norms }).flatMap(([part, show]) =>
    Object.keys(DATA).flatMap((data) => {
      const found = read(part, data);
      return found === undefined ? [] : show(found, data);
    }),
  );
  writeFileSync(
    fileURLToPath(new URL('../../docs/images.md', import.meta.url)),
    ['# Images', '', 'Written by `npm run images`. What it measures is in [docs/measured](measured).', '', ...parts]
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .trimEnd() + '\n',
  );
};
