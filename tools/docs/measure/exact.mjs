// Computes log det(I + J) in float64 in plain JavaScript, as the reference for estimators. The products of `linearize`
// give the Jacobian column by column.
import { core, tf } from '../../bench/library.mjs';

/**
 * Returns log det(I + J) for each row of `x [B, d]`.
 *
 * @param {import('@impflow/core').Contraction} g
 * @param {import('@tensorflow/tfjs-core').Tensor} x
 */
export const exactLogDets = (g, x) => {
  const [batch, dim] = x.shape;
  const lin = g.linearize(x, { tracked: false });
  const jacobians = Array.from({ length: batch }, () => Array.from({ length: dim }, () => new Float64Array(dim)));
  for (let column = 0; column < dim; column++) {
    const image = core.scoped(() =>
      lin.jvp(tf.tile(tf.cast(tf.oneHot(tf.tensor2d([[column]], [1, 1], 'int32'), dim), 'float32'), [1, batch, 1])),
    );
    const values = image.dataSync();
    image.dispose();
    for (let b = 0; b < batch; b++)
      for (let i = 0; i < dim; i++) jacobians[b][i][column] = values[b * dim + i] + (i === column ? 1 : 0);
  }
  lin.dispose();
  return jacobians.map(logDet);
};

/**
 * Returns the log-determinant by elimination. Pivoting is not needed, because the symmetric part of I + J is positive
 * definite.
 *
 * @param {readonly Float64Array[]} rows
 */
const logDet = (rows) => {
  let sum = 0;
  for (let k = 0; k < rows.length; k++) {
    const pivot = rows[k];
    sum += Math.log(pivot[k]);
    for (let i = k + 1; i < rows.length; i++) {
      const row = rows[i];
      const factor = row[k] / pivot[k];
      for (let j = k + 1; j < rows.length; j++) row[j] -= factor * pivot[j];
    }
  }
  return sum;
};
