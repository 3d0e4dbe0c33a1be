import { customOp } from '@impflow/core';
import { add, div, log, mul, neg, reshape, stack, sub, transpose, unstack, type Tensor } from '@tensorflow/tfjs-core';

/**
 * `log det(I + J)` in two dimensions, by the formula, from unit tangents pushed forward, `[2, B, 2]`. On the tape.
 *
 * @remarks Fewer and smaller operations than the elimination: in the plane their overhead is what counts.
 */
export const planarLogDet = (tangents: Tensor): Tensor => {
  // Rows: J_00, J_10, J_01, J_11.
  const entries = reshape(transpose(tangents, [0, 2, 1]), [4, -1]);
  return customOp([entries], {
    forward: () => {
      const [j00, j10, j01, j11] = unstack(entries) as [Tensor, Tensor, Tensor, Tensor];
      const [a, d] = [add(j00, 1), add(j11, 1)];
      const det = sub(mul(a, d), mul(j10, j01));
      return { value: log(det), saved: { a, d, j10, j01, det } };
    },
    // d log det / dA = A^-T: the cofactors over the determinant.
    backward: (dy, { a, d, j10, j01, det }) => [mul(stack([d, neg(j01), neg(j10), a]), div(dy, det))],
  });
};
