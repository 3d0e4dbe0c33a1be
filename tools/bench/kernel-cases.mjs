// Operations of this library that the benchmark compares with TensorFlow.js and jax-js.
import { core, tf } from './library.mjs';

/**
 * @import { NamedAttrMap, Tensor, Tensor4D } from '@tensorflow/tfjs-core'
 * @import * as JaxJs from '@jax-js/jax'
 */

/**
 * @typedef {object} KernelCase
 * @property {string} name
 * @property {number} [flops]
 * @property {number} [bound] Largest allowed ratio of our time to the time of stock TensorFlow.js.
 * @property {number} [plainBound] Bound for an engine without relaxed SIMD.
 * @property {boolean} [plain] Whether the case is also measured without relaxed SIMD.
 * @property {() => () => Tensor} make Creates tensors, and returns a function that calls the public operation on them.
 * @property {(jax: typeof JaxJs) => () => Promise<unknown>} [makeJax] Like `make` for jax-js; absent for operations
 * that jax-js lacks.
 */

const { drawUniform, fold, key } = core;

const FLOATS = 1 << 17;

let drawn = 0;
/** @param {readonly number[]} shape */
const random = (shape, low = -1, high = 1) => drawUniform(fold(key(5), drawn++), shape, low, high);
/** @param {readonly [number, number, number, number]} shape */
const random4d = (shape) => /** @type {Tensor4D} */ (random(shape));

/**
 * Returns random numbers as an array of jax-js.
 *
 * @type {(jax: typeof JaxJs, shape: readonly number[], low?: number, high?: number) => JaxJs.Array}
 */
const randomJax = ({ numpy }, shape, low, high) => {
  const x = random(shape, low, high);
  const values = /** @type {Float32Array<ArrayBuffer>} */ (Float32Array.from(x.dataSync()));
  x.dispose();
  return numpy.array(values).reshape([...shape]);
};

/**
 * Returns a function that calls a compiled function of jax-js and waits for its result.
 *
 * @type {(run: () => JaxJs.Array) => () => Promise<void>}
 */
const awaited = (run) => async () => {
  const y = run();
  await y.blockUntilReady();
  y.dispose();
};

/**
 * @param {string} name
 * @param {(x: Tensor) => Tensor} op
 * @param {(jax: typeof JaxJs) => (x: JaxJs.Array) => JaxJs.Array} inJax
 * @param {number} [bound]
 * @returns {KernelCase}
 */
const elementwise = (name, op, inJax, bound, low = -4, high = 4) => ({
  name: `${name} of 128k floats`,
  ...(bound === undefined ? {} : { bound }),
  make: () => {
    const x = random([FLOATS], low, high);
    return () => op(x);
  },
  makeJax: (jax) => {
    const [x, run] = [randomJax(jax, [FLOATS], low, high), jax.jit(inJax(jax))];
    return awaited(() => run(x.ref));
  },
});

/** @typedef {readonly [transposeA: boolean, transposeB: boolean]} Flags */

/** @type {readonly Flags[]} */
const FLAGS = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
];

/**
 * Product `[m,k] x [k,n]`, in which each factor is stored as is or transposed.
 *
 * @param {number} m
 * @param {number} k
 * @param {number} n
 * @param {Flags} flags
 * @param {Partial<KernelCase>} more
 * @returns {KernelCase}
 */
const product = (m, k, n, [transposeA, transposeB], more) => ({
  name: `matMul [${m},${k}] x [${k},${n}]${transposeA && transposeB ? ', both transposed' : transposeA ? ', a transposed' : transposeB ? ', b transposed' : ''}`,
  flops: 2 * m * k * n,
  ...more,
  make: () => {
    const a = random(transposeA ? [k, m] : [m, k]);
    const b = random(transposeB ? [n, k] : [k, n]);
    return () => tf.matMul(a, b, transposeA, transposeB);
  },
  makeJax: (jax) => {
    const a = randomJax(jax, transposeA ? [k, m] : [m, k]);
    const b = randomJax(jax, transposeB ? [n, k] : [k, n]);
    const { matmul, transpose } = jax.numpy;
    /** @type {(x: JaxJs.Array, flip: boolean) => JaxJs.Array} */
    const turned = (x, flip) => (flip ? transpose(x) : x);
    const run = jax.jit((/** @type {JaxJs.Array} */ x, /** @type {JaxJs.Array} */ y) =>
      matmul(turned(x, transposeA), turned(y, transposeB)),
    );
    return awaited(() => run(a.ref, b.ref));
  },
});

/** @returns {KernelCase} */
const filterGradient = () => {
  const [batch, size, inputs, outputs] = [32, 14, 32, 64];
  return {
    name: `conv2d 3x3, gradient of the filter, [${batch},${size},${size},${inputs}] to ${outputs}`,
    flops: 2 * 9 * batch * size * size * inputs * outputs,
    make: () => {
      const x = random([batch, size, size, inputs]);
      const dy = random([batch, size, size, outputs]);
      const attrs = {
        strides: [1, 1],
        pad: 'same',
        dataFormat: 'NHWC',
        dimRoundingMode: null,
        filterShape: [3, 3, inputs, outputs],
      };
      // The types of the attributes of a kernel exclude null, but TensorFlow.js itself passes null.
      const passed = /** @type {NamedAttrMap} */ (/** @type {unknown} */ (attrs));
      return () => tf.engine().runKernel('Conv2DBackpropFilter', { x, dy }, passed);
    },
  };
};

/**
 * Compares the kernel `ImpflowConv` with a convolution composed of TensorFlow.js operations, for a batch of 64 images.
 *
 * @param {number} size
 * @param {number} inputs
 * @param {number} outputs
 * @param {number} side
 * @returns {KernelCase}
 */
const convolution = (size, inputs, outputs, side, transposed = false) => ({
  name: `convolution${transposed ? ', transposed' : ''}, ${side}x${side}, [64,${size},${size},${inputs}] to ${outputs}`,
  flops: 2 * 64 * size * size * side * side * inputs * outputs,
  make: () => {
    const x = random4d([64, size, size, transposed ? outputs : inputs]);
    const weight = random4d([side, side, inputs, outputs]);
    const bias = random([outputs]);
    const composed = transposed
      ? () => [tf.conv2dTranspose(x, weight, [64, size, size, inputs], 1, 'same')]
      : () => [tf.add(tf.conv2d(x, weight, 1, 'same'), bias)];
    return () =>
      tf.tidy(
        () =>
          core.kernel('ImpflowConv').run({ x, weight, ...(transposed ? {} : { bias }) }, { transposed }, composed)[0],
      );
  },
});

/** @type {readonly KernelCase[]} */
export const cases = [
  elementwise('sin', tf.sin, ({ numpy }) => numpy.sin, 0.07),
  elementwise('cos', tf.cos, ({ numpy }) => numpy.cos, 0.07),
  elementwise('tanh', tf.tanh, ({ numpy }) => numpy.tanh, 0.15),
  elementwise('exp', tf.exp, ({ numpy }) => numpy.exp, 0.15),
  elementwise('log', tf.log, ({ numpy }) => numpy.log, undefined, 0.01, 10),
  elementwise('sigmoid', tf.sigmoid, ({ nn }) => nn.sigmoid),
  elementwise('softplus', tf.softplus, ({ nn }) => nn.softplus),
  elementwise('erf', tf.erf, ({ lax }) => lax.erf),
  elementwise('elu', tf.elu, ({ nn }) => nn.elu),
  ...FLAGS.map((flags) =>
    product(
      1000,
      128,
      128,
      flags,
      flags.some(Boolean) ? { bound: 0.6, plain: true } : { bound: 0.7, plainBound: 0.95, plain: true },
    ),
  ),
  ...FLAGS.map((flags) => product(1000, 2, 128, flags, { bound: 0.7 })),
  ...FLAGS.map((flags) => product(1000, 128, 6, flags, { bound: 0.7 })),
  product(250, 128, 128, [false, false], {}),
  filterGradient(),
  convolution(14, 4, 32, 3),
  convolution(14, 32, 32, 1),
  convolution(14, 32, 4, 3),
  convolution(14, 32, 32, 3),
  convolution(28, 16, 16, 3),
  convolution(7, 64, 16, 3),
  convolution(14, 32, 32, 3, true),
  convolution(7, 64, 16, 3, true),
];
