// The training jobs that both sides run; peer.py has the same under the same names.
import { counted } from './counting.mjs';
import { core, data, flows, tf } from './library.mjs';

const { fold, key, normals, uniforms } = core;

/** Flow specs. The tabular one leaves out the act-norms that this library's own preset adds: the peer has none. */
const SPECS = {
  toy: () => flows.toy(),
  tabular: () => flows.flowSpec({
    dim: 6, blocks: 20, hidden: [128, 128, 128, 128], coeff: 0.99, logDet: { name: 'roulette', options: { exactTerms: 2 } },
  }),
};

/** A mixture of 8 spherical Gaussians: centres with standard deviation 2, components with 0.3. */
const mixture = (dim) => {
  const centres = normals(key(8), 8 * dim);
  return (k, rows) => {
    const chosen = uniforms(fold(k, 0), rows);
    const noise = normals(fold(k, 1), rows * dim);
    return Float32Array.from(noise, (e, i) => 2 * centres[Math.floor(8 * chosen[Math.floor(i / dim)]) * dim + (i % dim)] + 0.3 * e);
  };
};

/** Rows of step after step, as a host array. */
const DRAWS = { toy: data.toys.checkerboard.sample, tabular: mixture(6) };

/** `{ spec, model, counts, loss, batch }` of a preset: a flow with fresh weights, and what `fit` wants beside it. */
export const job = ({ preset, batch }) => {
  const spec = SPECS[preset]();
  const { registries, counts } = counted(flows.registries);
  const model = flows.buildFlow(spec, { key: key(1), registries });
  return {
    spec, model, counts,
    batch: (_step, k) => tf.tensor2d(DRAWS[preset](k, batch), [batch, spec.dim]),
    loss: (rows, k, report) => tf.neg(tf.mean(model.logProb(rows, { train: true, key: k, report }))),
  };
};
