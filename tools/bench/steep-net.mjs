// Nets that reach their Lipschitz bound: `g(x) = c Q^T S s(c Q x)` with `c^2 = L`, `Q` orthogonal, `S` signs, and `s`
// the library's sine, whose largest slope is one. The Jacobian is symmetric, with eigenvalues of both signs up to `L`.
// Where the sine is steepest, `L` is the rate of fixed-point iteration. Solves converge much faster for nets with
// random initial weights or of low rank than their bound suggests.
import { core, lipschitz, tf } from './library.mjs';

/**
 * @import { Contraction, Key } from '@impflow/core'
 * @import { Layer } from '@impflow/lipschitz'
 * @import { Tensor } from '@tensorflow/tfjs-core'
 */

/**
 * Returns a contraction in `dim` dimensions with the Lipschitz bound `bound`. An `activation` other than the sine must
 * have the largest slope one.
 *
 * @param {number} dim
 * @param {number} bound
 * @param {{ activation?: () => Layer; seed?: number }} [options]
 */
export const steepNet = (dim, bound, { activation = lipschitz.sinActivation, seed = 1 } = {}) => {
  const key = core.key(seed);
  const g = lipschitz.mlp({ dim, hidden: [dim], coeff: Math.sqrt(bound), activation, key });
  core.scoped(() => {
    const q = tf.tensor2d(orthogonal(dim, core.fold(key, 0)), [dim, dim]);
    // The shape of the weights is [outputs, inputs].
    g.parameters['layers.0.weight'].assign(q);
    g.parameters['layers.2.weight'].assign(tf.mul(tf.transpose(q), core.drawRademacher(core.fold(key, 1), [dim])));
  });
  g.refresh();
  return g;
};

/**
 * Returns a random orthogonal matrix, row-major: a matrix of normal numbers, orthogonalized twice. Two passes are
 * enough (Giraud, Langou, Rozložník, 2005).
 *
 * @param {number} n
 * @param {Key} key
 */
const orthogonal = (n, key) => {
  const rows = Array.from({ length: n }, (_, i) => Float64Array.from(core.normals(core.fold(key, i), n)));
  for (const [i, row] of rows.entries()) {
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < i; j++) {
        const other = rows[j];
        const along = inner(row, other);
        for (let k = 0; k < n; k++) row[k] -= along * other[k];
      }
    }
    const norm = Math.sqrt(inner(row, row));
    for (let k = 0; k < n; k++) row[k] /= norm;
  }
  return Float32Array.from(rows.flatMap((row) => Array.from(row)));
};

/**
 * @param {ArrayLike<number>} a
 * @param {ArrayLike<number>} b
 */
const inner = (a, b) => {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
};

/**
 * Returns the largest slope of `g` at each row of `x [B, d]`: the norm of the Jacobian, by power iteration on `J^T J`.
 *
 * @param {Contraction} g
 * @param {Tensor} x
 */
export const slopesAt = (g, x) =>
  core.scoped(() => {
    const lin = g.linearize(x);
    /**
     * @param {Tensor} v
     * @returns {Tensor}
     */
    const unit = (v) => tf.div(v, tf.norm(v, 2, -1, true));
    let v = unit(tf.expandDims(core.drawNormal(core.key(9), x.shape), 0));
    let stretched = lin.jvp(v);
    for (let i = 0; i < 60; i++) {
      v = unit(lin.vjp(stretched));
      stretched = lin.jvp(v);
    }
    const norms = tf.norm(stretched, 2, -1).dataSync();
    lin.dispose();
    return norms;
  });
