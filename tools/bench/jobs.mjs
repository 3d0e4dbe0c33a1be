// The training jobs of the benchmark. peer.py implements jobs with these names in PyTorch.
import { counted } from './counting.mjs';
import { core, data, flows, tf } from './library.mjs';

/**
 * @import { Key, SolveReport } from '@impflow/core'
 * @import { FlowSpec } from '@impflow/flows'
 * @import { Tensor } from '@tensorflow/tfjs-core'
 */

/** @typedef {{ preset: string; batch: number }} JobOptions */

const { fold, key, normals, uniforms } = core;

/**
 * Flow specs. The tabular spec has no act-norms, because peer.py does not implement them.
 *
 * @type {Readonly<Record<string, () => FlowSpec>>}
 */
const SPECS = {
  toy: () => flows.toyPreset(),
  tabular: () =>
    flows.flowSpec({
      dim: 6,
      blocks: 20,
      hidden: [128, 128, 128, 128],
      coeff: 0.99,
      logDet: { name: 'roulette', options: { exactTerms: 2 } },
    }),
  image: () =>
    flows.imagePreset({
      shape: [28, 28, 1],
      blocks: 4,
      hidden: [32, 32],
      dense: { blocks: 0 },
      logDet: { name: 'roulette', options: { exactTerms: 2 } },
    }),
};

/**
 * Draws from a mixture of 8 spherical Gaussians. The standard deviation of the centers is 2, and of each component 0.3.
 *
 * @param {number} dim
 * @returns {(k: Key, rows: number) => Float32Array}
 */
const mixture = (dim) => {
  const centers = normals(key(8), 8 * dim);
  return (k, rows) => {
    const chosen = uniforms(fold(k, 0), rows);
    const noise = normals(fold(k, 1), rows * dim);
    return Float32Array.from(
      noise,
      (e, i) => 2 * centers[Math.floor(8 * chosen[Math.floor(i / dim)]) * dim + (i % dim)] + 0.3 * e,
    );
  };
};

/**
 * Draws images about as dark as handwritten digits: smooth blobs on a mostly black image, as gray levels plus noise.
 *
 * @param {Key} k
 * @param {number} rows
 */
function strokes(k, rows) {
  const [at, noise] = [uniforms(fold(k, 0), 4 * rows), uniforms(fold(k, 1), 784 * rows)];
  return Float32Array.from(noise, (e, i) => {
    const [row, y, x] = [Math.floor(i / 784), Math.floor((i % 784) / 28), i % 28];
    const [cy, cx, a, b] = [0, 1, 2, 3].map((j) => at[4 * row + j]);
    const distance =
      ((y - 8 - 12 * cy) * (1 + a) + (x - 8 - 12 * cx) * b) ** 2 / 20 + ((y - 14) ** 2 + (x - 14) ** 2) / 60;
    return Math.floor(255 * Math.exp(-distance)) + e;
  });
}

/**
 * Number of images from which all steps take rows. The images are drawn once, as in peer.py, because a real training
 * reads images from a file.
 */
const IMAGES = 2048;

/** @returns {(k: Key, rows: number) => Float32Array} */
const images = () => {
  /** @type {Float32Array | undefined} */
  let all;
  return (k, rows) => {
    all ??= strokes(key(7), IMAGES);
    const taken = new Float32Array(784 * rows);
    uniforms(k, rows).forEach((u, i) => {
      const from = 784 * Math.floor(u * IMAGES);
      taken.set(/** @type {Float32Array} */ (all).subarray(from, from + 784), 784 * i);
    });
    return taken;
  };
};

/**
 * Functions that draw the rows of a step, as an array on the host, by preset.
 *
 * @type {Readonly<Record<string, (k: Key, rows: number) => Float32Array>>}
 */
const DRAWS = { toy: data.toys.checkerboard.sample, tabular: mixture(6), image: images() };

/**
 * Returns `{ spec, model, counts, loss, batch }` for a preset: a flow with initial weights, and the arguments of `fit`.
 *
 * @param {JobOptions} options
 */
export const job = ({ preset, batch }) => {
  const spec = SPECS[preset]();
  const { registries, counts } = counted();
  const model = flows.buildFlow(spec, { key: key(1), registries });
  if (preset === 'image')
    core.scoped(() => model.initialize(tf.tensor(DRAWS.image(key(7), batch), [batch, ...model.shape])));
  return {
    spec,
    model,
    counts,
    /**
     * @param {number} _step
     * @param {Key} k
     */
    batch: (_step, k) => tf.tensor(DRAWS[preset](k, batch), [batch, ...model.shape]),
    /**
     * @param {Tensor} rows
     * @param {Key} k
     * @param {(report: SolveReport) => void} report
     * @returns {Tensor}
     */
    loss: (rows, k, report) => tf.neg(tf.mean(model.logProb(rows, { train: true, key: k, report }))),
  };
};
