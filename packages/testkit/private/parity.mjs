// Compares the results of a backend with the float64 numbers of the published implementation, for one flow of the
// parity fixtures. The ImpFlow packages are an argument, because tests pass their source and scripts pass the compiled
// packages.

/**
 * @import { HostTensors } from '@impflow/training'
 * @import { Tensor } from '@tensorflow/tfjs-core'
 */

/**
 * @typedef {object} Library
 * @property {Pick<typeof import('@impflow/core'), 'settle' | 'scoped' | 'release' | 'valueAndGradients'>} core
 * @property {Pick<typeof import('@impflow/flows'), 'importPublished'>} flows
 * @property {Pick<
 *   typeof import('@tensorflow/tfjs-core'),
 *   'tensor' | 'variable' | 'keep' | 'neg' | 'mean' | 'reshape' | 'transpose'
 * >} tf
 */

/**
 * @typedef {object} FlowCase
 * @property {'implicit' | 'residual' | 'image' | 'estimators' | 'norms'} kind
 * @property {string} activation
 * @property {number} coeff
 * @property {number} loss
 * @property {readonly [number, number, number]} [input] Shape of images, `[channels, height, width]`.
 */

/**
 * Relative errors, except `logDet`, `logProb` and `loss`, which are absolute.
 *
 * @typedef {object} ParityErrors
 * @property {number} z
 * @property {number} logDet
 * @property {number} logProb
 * @property {number} roundTrip Error of the point that our inverse returns, after it is mapped forward again.
 * @property {number} x
 * @property {number} theirs Error of the point that the published inverse returns, after it is mapped forward again.
 * @property {number} loss
 * @property {Readonly<Record<string, number>>} gradients
 * @property {readonly string[]} parameters
 */

/**
 * Returns `|got - wanted| / |wanted|`, in the Euclidean norm of the whole tensor.
 *
 * @param {ArrayLike<number>} got
 * @param {ArrayLike<number>} wanted
 */
export const relative = (got, wanted) => {
  if (got.length !== wanted.length) throw new Error(`Expected ${wanted.length} numbers, got ${got.length}.`);
  let difference = 0;
  let size = 0;
  for (let i = 0; i < got.length; i++) {
    difference += (got[i] - wanted[i]) ** 2;
    size += wanted[i] ** 2;
  }
  return Math.sqrt(difference / Math.max(size, 1e-20));
};

/**
 * Returns the largest absolute difference, or NaN if any difference is NaN.
 *
 * @param {Float32Array} got
 * @param {ArrayLike<number | bigint>} wanted
 */
export const largest = (got, wanted) =>
  got.reduce((worst, value, i) => Math.max(worst, Math.abs(value - Number(wanted[i]))), 0);

/**
 * Reads the tensors that `body` returns, on any backend.
 *
 * @template {string} Name
 * @param {Pick<Library, 'core'>} library
 * @param {() => Readonly<Partial<Record<Name, Tensor>>>} body
 * @returns {Promise<Readonly<Record<Name, Float32Array>>>}
 */
export const numbersOf = async ({ core }, body) => {
  /** @type {Readonly<Record<string, Tensor | undefined>>} */
  const tensors = await core.settle(() => core.scoped(body));
  /** @type {Record<string, Float32Array>} */
  const read = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    if (tensor === undefined) continue;
    read[name] = /** @type {Float32Array} */ (await tensor.data());
    tensor.dispose();
  }
  return /** @type {Record<Name, Float32Array>} */ (read);
};

/**
 * Returns the errors of values, inverse, log-determinant and all gradients of the flow of one fixture.
 *
 * @param {Library} library
 * @param {{ readonly tensors: HostTensors; readonly spec: FlowCase }} fixture
 * @returns {Promise<ParityErrors>}
 */
export const parityOf = async (library, { tensors, spec }) => {
  const { core, flows, tf } = library;
  const state = Object.fromEntries(
    Object.entries(tensors).flatMap(([name, array]) => {
      const match = /^(?:param|buffer)\.(.*)$/.exec(name);
      return match === null ? [] : [[match[1], { shape: array.shape, data: floats(array) }]];
    }),
  );
  /** @param {string} name */
  const input = (name) => tf.tensor(Float32Array.from(floats(tensors[name])), [...tensors[name].shape]);
  /** @param {string} name */
  const wanted = (name) => floats(tensors[name]);
  const { flow, paths } = flows.importPublished(state, publishedOptions(spec));
  /**
   * Converts images from channels first, as in the published implementation, to channels last. Returns points that are
   * not images unchanged.
   *
   * @param {Tensor} tensor
   */
  const ours = (tensor) => (spec.input === undefined ? tensor : tf.transpose(tensor, [0, 2, 3, 1]));
  /** @param {Tensor} tensor */
  const theirs = (tensor) => (tensor?.rank === 4 ? tf.transpose(tensor, [0, 3, 1, 2]) : tensor);
  /** @param {Tensor} gradient */
  const filters = (gradient) => (gradient?.rank === 4 ? tf.transpose(gradient, [3, 2, 0, 1]) : gradient);
  /** Points of the base density, `[B, d]`: the points of the last scale, in the published order. */
  const { outputShape } = flow.bijector;
  /** @param {Tensor} z */
  const flatTheirs = (z) =>
    spec.input === undefined ? z : tf.reshape(theirs(tf.reshape(z, [z.shape[0], ...outputShape])), [z.shape[0], -1]);
  /** @param {Tensor} z */
  const flatOurs = (z) =>
    spec.input === undefined
      ? z
      : tf.reshape(ours(tf.reshape(z, [z.shape[0], outputShape[2], outputShape[0], outputShape[1]])), [z.shape[0], -1]);
  const x = tf.variable(ours(input('in.x')));
  try {
    const forward = await numbersOf(library, () => {
      const { value, logDet } = flow.bijector.forwardWithLogDet(ours(input('in.x')), { key: { high: 0, low: 0 } });
      return { z: flatTheirs(value), logDet };
    });
    const back = await numbersOf(library, () => {
      const decoded = flow.decode(flatOurs(input('in.z')));
      return {
        x: theirs(decoded),
        z: flatTheirs(flow.encode(decoded)),
        theirs: flatTheirs(flow.encode(ours(input('out.x')))),
      };
    });
    /** @type {Readonly<Record<string, Float32Array>>} */
    const { loss, logProb, ...gradients } = await numbersOf(library, () => {
      /** @type {Tensor | undefined} */
      let rows;
      // `rows` keeps the log-densities for later use, because an exact log-determinant of an image takes a minute on
      // software graphics.
      const { value, gradients: found } = core.valueAndGradients(
        () => tf.neg(tf.mean((rows = tf.keep(flow.logProb(x))))),
        { x, ...flow.parameters },
      );
      return {
        loss: value,
        logProb: rows,
        ...Object.fromEntries(
          Object.entries(found).map(([name, gradient]) => [name, name === 'x' ? theirs(gradient) : filters(gradient)]),
        ),
      };
    });
    /** @type {Record<string, number>} */
    const errors = {};
    for (const name of Object.keys(tensors)) {
      if (!name.startsWith('grad.')) continue;
      const path = name === 'grad.x' ? 'x' : (paths.get(name.slice(5)) ?? name);
      errors[path] = relative(gradients[path], wanted(name));
    }
    return {
      z: relative(forward.z, wanted('out.z')),
      logDet: largest(forward.logDet, wanted('out.logdet')),
      logProb: largest(logProb, wanted('out.logp')),
      roundTrip: relative(back.z, wanted('in.z')),
      x: relative(back.x, wanted('out.x')),
      theirs: relative(back.theirs, wanted('in.z')),
      loss: Math.abs(loss[0] - spec.loss),
      gradients: errors,
      parameters: Object.keys(flow.parameters),
    };
  } finally {
    x.dispose();
    core.release({ ...flow.parameters, ...flow.buffers });
  }
};

/**
 * Returns the numbers of a tensor of a fixture. Fixtures contain no 64-bit integers.
 *
 * @param {HostTensors[string]} tensor
 */
const floats = ({ data }) => /** @type {Float32Array} */ (data);

/** @param {FlowCase} spec */
const publishedOptions = ({ input, ...spec }) => {
  if (input === undefined) return spec;
  const [channels, height, width] = input;
  return { ...spec, image: /** @type {const} */ ([height, width, channels]) };
};
