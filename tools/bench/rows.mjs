// The comparisons of the benchmark other than kernels. The contenders of a group take turns, each in its own process.
// Rows are ratios between two of them. `threads` applies to rivals, and the fastest rival counts (see contenders.mjs).
// `workers` applies to this library.

/**
 * A side that runs in a separate process. With `products`, it runs products alone, on that number of threads.
 *
 * @typedef {object} Contender
 * @property {string} label
 * @property {number} [workers]
 * @property {boolean} [often]
 * @property {boolean} [native]
 * @property {number} [products]
 * @property {string} [script] The program of a rival.
 * @property {number} [threads]
 */

/** @typedef {{ threads: number }} Threads The rivals on that number of threads. */

/**
 * A ratio of the times of two sides.
 *
 * @typedef {object} Row
 * @property {string} name
 * @property {Contender} of
 * @property {Contender | Threads} rival
 * @property {number} [bound] The largest ratio to meet.
 * @property {readonly [Contender, Contender]} [limit] Products alone, whose ratio is the least that can be expected.
 */

/** @typedef {Pick<Row, 'bound' | 'limit'>} Bounds */

/** @type {(what: string) => (count: number) => string} */
const counted = (what) => (count) => `${count} ${what}${count === 1 ? '' : 's'}`;
const [workersText, threadsText] = ['worker', 'thread'].map(counted);

/** @type {(workers: number) => Contender} */
const ours = (workers) => ({ label: `ours, ${workersText(workers)}`, workers });
/** On TensorFlow's own library, where workers are processes with one thread each. @type {typeof ours} */
const native = (workers) => ({ label: `native, ${workersText(workers)}`, workers, native: true });
/** V8's default garbage collection, which our backend changes. @type {typeof ours} */
const often = (workers) => ({ label: `${ours(workers).label}, V8's own heap limits`, workers, often: true });
/**
 * Products alone, divided among threads: what more threads can gain on this machine at that moment.
 *
 * @type {(threads: number) => Contender}
 */
const products = (threads) => ({ label: `products, ${threadsText(threads)}`, products: threads });
/** @type {(threads: number) => Threads} */
const rival = (threads) => ({ threads });

/** @type {(name: string, of: Contender, other: Contender | Threads, more?: Bounds) => Row} */
const row = (name, of, other, more = {}) => ({ name, of, rival: other, ...more });
/** @type {(job: string) => Row} */
const limit = (job) => row(`products alone, during ${job}: 2 threads / 1 thread`, products(2), products(1));
/** @type {(job: string, bound: number) => Row} */
const twoWorkers = (job, bound) => row(`step, ${job}: 2 workers / rival, 2 threads`, ours(2), rival(2), { bound });
/** @type {(job: string, more?: Bounds) => Row} */
const oneWorker = (job, more) => row(`step, ${job}: 1 worker / rival, 1 thread`, ours(1), rival(1), more);
/**
 * At large batches the gain of a second worker has a bound, compared with the gain of products alone in the same run.
 *
 * @type {(job: string, more?: Bounds) => Row}
 */
const scaling = (job, more) => row(`step, ${job}: 2 workers / 1 worker`, ours(2), ours(1), more);
/** @type {Bounds} */
const LARGE = { bound: 0.6, limit: [products(2), products(1)] };

/** Blocks of presets with dense nets. @type {Readonly<Record<string, number>>} */
export const BLOCKS = { toy: 6, tabular: 20 };
/** Weights of one of their nets. @type {Readonly<Record<string, number>>} */
export const WEIGHTS = { toy: 2 * 128 + 128 * 128 + 128 * 2, tabular: 6 * 128 + 3 * 128 * 128 + 128 * 6 };

/** The share of one of two workers, which is profiled. */
export const profiled = [
  { preset: 'toy', batch: 250 },
  { preset: 'tabular', batch: 500 },
];

/** @type {readonly { preset: string; batch: number; rows: readonly Row[] }[]} */
export const trainingGroups = [
  {
    preset: 'toy',
    batch: 500,
    rows: [
      twoWorkers('toy, batch 500', 0.5),
      scaling('toy, batch 500'),
      limit('toy, batch 500'),
      row("step, toy, batch 500: 2 workers / the same under V8's own heap limits", ours(2), often(2)),
      oneWorker('toy, batch 500', { bound: 0.5 }),
      row('step, toy, batch 500: native, 2 workers / rival, 2 threads', native(2), rival(2)),
    ],
  },
  { preset: 'toy', batch: 1000, rows: [scaling('toy, batch 1000', LARGE), limit('toy, batch 1000')] },
  {
    preset: 'toy',
    batch: 5000,
    rows: [
      twoWorkers('toy, batch 5000', 0.7),
      scaling('toy, batch 5000', LARGE),
      limit('toy, batch 5000'),
      row('step, toy, batch 5000: native, 2 workers / rival, 2 threads', native(2), rival(2), { bound: 0.7 }),
      row('step, toy, batch 5000: native, 1 worker / rival, 1 thread', native(1), rival(1), { bound: 0.7 }),
    ],
  },
  {
    preset: 'image',
    batch: 64,
    rows: [
      twoWorkers('image, batch 64', 0.8),
      scaling('image, batch 64'),
      limit('image, batch 64'),
      oneWorker('image, batch 64'),
    ],
  },
  {
    preset: 'tabular',
    batch: 1000,
    rows: [
      twoWorkers('tabular, batch 1000', 0.9),
      scaling('tabular, batch 1000', LARGE),
      limit('tabular, batch 1000'),
      row('step, tabular, batch 1000: native, 2 workers / rival, 2 threads', native(2), rival(2)),
    ],
  },
];

/** TensorFlow.js lacks the gradient of a filter on wasm, so it cannot train the second. */
export const layersRows = [
  { name: 'step, tfjs-layers, dense net on digits, batch 64', model: 'mlp', stock: true },
  { name: 'step, tfjs-layers, conv net on digits, batch 64 (stock cannot)', model: 'convNet', stock: false },
];

export const samplingRows = [
  row('10,000 samples of a trained toy model: 2 workers / rival, 2 threads', ours(2), rival(2), { bound: 0.6 }),
  row('10,000 samples of a trained toy model: 1 worker / rival, 1 thread', ours(1), rival(1)),
];
