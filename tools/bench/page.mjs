import { tableText } from '../markdown.mjs';
import { measuredBy } from '../measure/page.mjs';
import { contendersOf } from './contenders.mjs';
import { BLOCKS, samplingRows, trainingGroups, WEIGHTS } from './rows.mjs';

/**
 * @import { Racers } from './race.mjs'
 * @import { Contender, Row, Threads } from './rows.mjs'
 */

/**
 * Largest allowed factor between two ratios of the time with two workers to the time with one: the ratio of a training,
 * and the ratio of matrix products alone.
 */
const SLACK = 1.1;

/** @param {number} x */
const significant = (x, digits = 3) => Number(x.toPrecision(digits)).toString();

/** @param {number | undefined} seconds */
const time = (seconds) =>
  seconds === undefined
    ? '-'
    : seconds >= 1
      ? `${significant(seconds)} s`
      : seconds >= 1e-3
        ? `${significant(1e3 * seconds)} ms`
        : `${significant(1e6 * seconds)} us`;

/** @param {boolean} ok */
const verdict = (ok) => (ok ? 'yes' : 'NO');
/** @param {number | null | undefined} n */
const count = (n) => (n === undefined || n === null || Number.isNaN(n) ? '-' : n.toFixed(1));

/**
 * Returns the number of floating-point operations of the matrix products in the counted net evaluations. Each product
 * of the backward pass also needs a product for the gradient of the weights.
 *
 * @param {{ forward: number; products: number; backward: number }} counts
 * @param {number} weights
 * @param {number} batch
 */
const operations = ({ forward, products, backward }, weights, batch) =>
  2 * weights * batch * (forward + products + 2 * backward);

/**
 * A row of the table of times. The time of the slower of PyTorch and JAX is in brackets.
 *
 * @typedef {object} Times
 * @property {string} name
 * @property {number} [ours] Seconds.
 * @property {readonly { label: string; seconds: number }[]} [rivals] The fastest first.
 * @property {number} [bound] The largest ratio ours / rival to meet.
 * @property {number} [limit] The ratio of products alone in the same run.
 * @property {number} [flops]
 * @property {number} [peak] Operations per second.
 * @property {number} [cores]
 */

/** @param {Times} times */
const timesRow = ({ name, ours, rivals = [], bound, limit, flops, peak, cores = 1 }) => {
  const [best, ...others] = rivals;
  const ratio = ours === undefined || best === undefined ? undefined : ours / best.seconds;
  const toLimit = ratio === undefined || limit === undefined ? undefined : ratio / limit;
  const speed = ours === undefined || flops === undefined ? undefined : flops / ours;
  return [
    name,
    time(ours),
    time(best?.seconds),
    [best?.label ?? '', ...others.map(({ label, seconds }) => `(${label}: ${time(seconds)})`)].join(' '),
    ratio === undefined ? '-' : ratio.toFixed(3),
    bound ?? '',
    ratio === undefined || bound === undefined ? '' : verdict(ratio <= bound),
    toLimit === undefined ? '' : `${toLimit.toFixed(2)} ${verdict(toLimit <= SLACK)}`,
    speed === undefined ? '' : significant(speed / 1e9),
    speed === undefined || peak === undefined ? '' : `${Math.round((100 * speed) / peak / cores)} %`,
  ];
};

/**
 * Returns the contenders of one side for which there are times, the fastest first.
 *
 * @param {string} job
 * @param {Contender | Threads} side
 * @param {Racers} racers
 */
const ranOf = (job, side, racers) =>
  contendersOf({ job, side })
    .flatMap(({ label }) => (racers[label] === undefined ? [] : [{ label, seconds: racers[label].median }]))
    .sort((a, b) => a.seconds - b.seconds);

/**
 * Returns the rows of the table for a job.
 *
 * @param {string} job
 * @param {readonly Row[]} rows
 * @param {any} record
 * @param {number} [peak] Peak speed of WebAssembly, in GF/s. The peak speed of native kernels is not measured.
 */
const raceRows = (job, rows, { racers, batch }, peak) =>
  rows.map(({ name, of, rival, bound, limit }) => {
    const own = racers[of.label];
    const [two, one] = (limit ?? []).map(({ label }) => racers[label]?.median);
    return timesRow({
      name,
      ours: own?.median,
      rivals: ranOf(job, rival, racers),
      bound,
      cores: of.workers,
      ...(two === undefined || one === undefined ? {} : { limit: two / one }),
      ...(own?.counts === undefined || !(job in BLOCKS)
        ? {}
        : {
            flops: operations(own.counts, own.weights, batch) * BLOCKS[job],
            ...(of.kernels === 'native' ? {} : { peak }),
          }),
    });
  });

/**
 * @param {any} record
 * @param {number} speed Speed of matrix products alone on one thread, in operations per second.
 */
const profileRow = ({ preset, batch, processes, profiles }, speed) => {
  /** @param {(profile: any) => number} of */
  const mean = (of) =>
    profiles.reduce((/** @type {number} */ sum, /** @type {any} */ each) => sum + of(each), 0) / processes;
  /** @param {(kernel: string) => boolean} which */
  const inside = (which) =>
    mean(({ kernels }) =>
      kernels.reduce(
        (/** @type {number} */ sum, /** @type {any} */ { name, seconds }) => sum + (which(name) ? seconds : 0),
        0,
      ),
    );
  /** @param {string} kernel */
  const isNet = (kernel) => kernel.startsWith('ImpflowNet');
  return [
    `${preset}, ${batch} rows`,
    processes,
    ...[
      mean(({ step }) => step),
      mean(({ counts }) => operations(counts, WEIGHTS[preset], batch)) / speed,
      inside(isNet),
      inside((kernel) => !isNet(kernel)),
      mean(({ profiled }) => profiled) - inside(() => true),
    ].map(time),
  ];
};

/**
 * Returns the measured parts of docs/benchmarks.md.
 *
 * @param {readonly any[]} records
 */
export const benchTexts = (records) => {
  /** @param {string} kind */
  const of = (kind) => records.filter((record) => record.kind === kind);
  const kernels = of('kernel');
  /**
   * No kernel is faster than the true peak, so the highest measurement is closest to the true peak.
   *
   * @type {Record<string, number>}
   */
  const peaks = {};
  for (const { build, peak } of kernels) if (peak !== undefined) peaks[build] = Math.max(peaks[build] ?? 0, peak);
  const peak = peaks.relaxed ?? peaks.simd;
  const trained = trainingGroups.flatMap(({ preset, batch, rows }) =>
    of('training')
      .filter((record) => record.preset === preset && record.batch === batch)
      .map((record) => ({ preset, batch, rows, record })),
  );
  const times = [
    ...kernels.map(({ name, build, plain, bound, plainBound = bound, ours, rivals, flops }) =>
      timesRow({
        name: plain || build !== 'relaxed' ? `${name} (${build})` : name,
        ours,
        rivals: Object.entries(/** @type {Record<string, number>} */ (rivals))
          .map(([label, seconds]) => ({ label, seconds }))
          .sort((a, b) => a.seconds - b.seconds),
        bound: build === 'simd' ? plainBound : bound,
        flops,
        peak: peaks[build],
      }),
    ),
    ...of('layers').map(({ name, racers }) =>
      timesRow({ name, ours: racers.ours.median, rivals: ranOf(name, { label: 'TensorFlow.js' }, racers) }),
    ),
    ...trained.flatMap(({ preset, rows, record }) => raceRows(preset, rows, record, peak)),
    ...of('sampling').flatMap((record) => raceRows('sampling', samplingRows, record)),
  ];
  const evaluations = trained.flatMap(({ preset, batch, record }) =>
    Object.entries(record.racers).flatMap(([label, { counts, solverSteps = {} }]) => {
      if (counts === undefined) return [];
      const { forward, products, backward, uncounted = [] } = counts;
      const steps = Object.entries(solverSteps).map(([phase, n]) => `${phase} ${count(n)}`);
      return [
        [
          `${preset}, batch ${batch}`,
          label,
          ...[forward, products, backward, forward + products + backward].map(count),
          steps.join(', '),
          uncounted.length === 0 ? '' : `without ${uncounted.join(', ')}`,
        ],
      ];
    }),
  );
  const exactness = of('sampling').flatMap(({ racers }) =>
    Object.entries(racers).flatMap(([label, { roundTrip, solverSteps }]) =>
      // Programs that only compute matrix products have no round-trip error.
      roundTrip === undefined
        ? []
        : [[label, roundTrip.max.toExponential(1), roundTrip.rms.toExponential(1), count(solverSteps.inverse)]],
    ),
  );
  /** @param {any} side */
  const speedOf = (side) => (side === undefined ? NaN : side.operations / side.median);
  const [alone] = of('products');
  const speed = speedOf(
    alone?.racers['ours, native kernels, 1 thread'] ?? alone?.racers['ours, wasm kernels, 1 thread'],
  );
  const products = of('products').flatMap(({ racers }) =>
    Object.entries(racers).map(([label, side]) => `${label} ${(speedOf(side) / 1e9).toFixed(1)} GF/s`),
  );
  return {
    from: [
      measuredBy('bench', records),
      '',
      `- Peak of one core on registers alone: ${Object.entries(peaks)
        .map(([build, speed]) => `${(speed / 1e9).toFixed(1)} GF/s (${build})`)
        .join(', ')}`,
      ...(products.length === 0 ? [] : [`- Products [1000,128] x [128,128] in float32: ${products.join('; ')}`]),
    ].join('\n'),
    times: tableText(
      [
        'work',
        'ours',
        'rival',
        'the rival is',
        'ours / rival',
        'at most',
        'met',
        'scaling next to products, at most 1.1',
        'GF/s',
        'of the peak',
      ],
      times,
    ),
    evaluations: tableText(
      ['job', 'side', 'forward', 'products', 'backward', 'all', 'steps of a solve', ''],
      evaluations,
    ),
    exactness: tableText(['side', 'largest', 'rms', 'steps of a solve'], exactness),
    profiles: tableText(
      [
        'job',
        'processes at the same time',
        'step',
        'its products alone',
        'kernels of whole nets',
        'other kernels',
        'around kernels',
      ],
      of('profile').map((record) => profileRow(record, speed)),
    ),
  };
};
