// The comparisons of training steps, sampling and layers in the benchmark. The programs of a group (contenders) take
// turns, each in its own process. A row is the ratio of the times of two contenders. `threads` applies to PyTorch and
// JAX, of which the faster counts (see contenders.mjs). `workers` applies to this library.

/**
 * A program that runs in a separate process. With `products`, the program only computes matrix products, on that number
 * of threads.
 *
 * @typedef {object} Contender
 * @property {string} label
 * @property {number} [workers]
 * @property {boolean} [often]
 * @property {Kernels} [kernels]
 * @property {number} [products]
 * @property {string} [script] The Python program of PyTorch or JAX.
 * @property {number} [threads]
 */

/** Kernels on which this library runs. */
export const KERNELS = /** @type {const} */ (['wasm', 'native']);
/** @typedef {typeof KERNELS[number]} Kernels */
/** @typedef {{ threads: number }} Threads PyTorch and JAX on that number of threads. */

/**
 * A ratio of the times of two sides.
 *
 * @typedef {object} Row
 * @property {string} name
 * @property {Contender} of
 * @property {Contender | Threads} rival
 * @property {number} [bound] Largest allowed ratio.
 * @property {readonly [Contender, Contender]} [limit] Two contenders that only compute products. The ratio of their
 * times is the least that can be expected of this row.
 */

/** @typedef {Pick<Row, 'bound' | 'limit'>} Bounds */

/** @type {(what: string) => (count: number) => string} */
const counted = (what) => (count) => `${count} ${what}${count === 1 ? '' : 's'}`;
const [workersText, threadsText] = ['worker', 'thread'].map(counted);

/** This library on the kernels in WebAssembly. @type {(workers: number) => Contender} */
const wasm = (workers) => ({ label: `WebAssembly, ${workersText(workers)}`, workers, kernels: 'wasm' });
/** This library on the kernels of @impflow/kernels-native. @type {typeof wasm} */
const native = (workers) => ({ label: `native kernels, ${workersText(workers)}`, workers, kernels: 'native' });
/** This library with V8's default garbage collection, which our backend changes. @type {typeof wasm} */
const often = (workers) => ({ ...wasm(workers), label: `${wasm(workers).label}, V8's own heap limits`, often: true });
/**
 * Matrix products alone, divided among threads. These contenders show how much a second thread can gain on this machine
 * at the moment.
 *
 * @type {(threads: number, kernels: Kernels) => Contender}
 */
const products = (threads, kernels) => ({
  label: `products, ${kernels} kernels, ${threadsText(threads)}`,
  products: threads,
  kernels,
});
/** @type {(threads: number) => Threads} */
const rival = (threads) => ({ threads });

/** @type {(name: string, of: Contender, other: Contender | Threads, more?: Bounds) => Row} */
const row = (name, of, other, more = {}) => ({ name, of, rival: other, ...more });
/**
 * Returns the rows of a job. The rows compare native kernels and WebAssembly with the faster of PyTorch and JAX, on one
 * and on two threads. Further rows show the gain of a second worker. At large batches the gain must reach a bound,
 * relative to the gain of matrix products alone in the same run.
 *
 * @type {(job: string, bounds: { native: number; large?: boolean }) => readonly Row[]}
 */
const rowsOf = (job, { native: bound, large = false }) => [
  ...[1, 2].flatMap((count) => [
    row(`${job}: native kernels, ${workersText(count)} / rival, ${threadsText(count)}`, native(count), rival(count), {
      bound,
    }),
    row(`${job}: WebAssembly, ${workersText(count)} / rival, ${threadsText(count)}`, wasm(count), rival(count)),
  ]),
  ...KERNELS.map((kernels) => {
    const side = { wasm, native }[kernels];
    return row(`${job}: ${side(2).label} / 1 worker`, side(2), side(1), {
      ...(large ? { bound: 0.6 } : {}),
      limit: [products(2, kernels), products(1, kernels)],
    });
  }),
];

/** Numbers of blocks of the presets with dense nets. @type {Readonly<Record<string, number>>} */
export const BLOCKS = { toy: 6, tabular: 20 };
/** Numbers of weights of one net of these presets. @type {Readonly<Record<string, number>>} */
export const WEIGHTS = { toy: 2 * 128 + 128 * 128 + 128 * 2, tabular: 6 * 128 + 3 * 128 * 128 + 128 * 6 };

/** Jobs that are profiled: the part of a batch that one of two workers gets. */
export const profiled = [
  { preset: 'toy', batch: 250 },
  { preset: 'tabular', batch: 500 },
];

/**
 * Groups of training jobs. `warmup` is the number of steps before a measurement, `turns` the number of consecutive
 * steps in each round. All contenders of a group make equal numbers of steps, because solves need more steps the longer
 * a model has been trained. The steps before a measurement take this library at least five seconds, in which V8
 * compiles a step.
 *
 * @type {readonly { preset: string; batch: number; warmup: number; turns: number; rows: readonly Row[] }[]}
 */
export const trainingGroups = [
  {
    preset: 'toy',
    batch: 500,
    warmup: 150,
    turns: 15,
    rows: [
      ...rowsOf('step, toy, batch 500', { native: 0.35 }),
      row("step, toy, batch 500: WebAssembly, 2 workers / the same under V8's own heap limits", wasm(2), often(2)),
    ],
  },
  {
    preset: 'toy',
    batch: 5000,
    warmup: 20,
    turns: 3,
    rows: rowsOf('step, toy, batch 5000', { native: 0.4, large: true }),
  },
  { preset: 'image', batch: 64, warmup: 25, turns: 3, rows: rowsOf('step, image, batch 64', { native: 0.5 }) },
  {
    preset: 'tabular',
    batch: 1000,
    warmup: 12,
    turns: 2,
    rows: rowsOf('step, tabular, batch 1000', { native: 0.5, large: true }),
  },
];

/**
 * TensorFlow.js lacks the gradient of a convolution filter on wasm, so TensorFlow.js cannot train the convolutional
 * net.
 */
export const layersRows = [
  { name: 'step, tfjs-layers, dense net on digits, batch 64', model: 'mlp', stock: true },
  { name: 'step, tfjs-layers, conv net on digits, batch 64 (stock cannot)', model: 'convNet', stock: false },
];

export const samplingRows = rowsOf('10,000 samples of a trained toy model', { native: 0.45 });
