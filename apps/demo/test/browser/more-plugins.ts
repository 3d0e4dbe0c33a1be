import { reshaped, scoped, type LogDetEstimator } from '@impflow/core';
import { elementwise, type Layer } from '@impflow/lipschitz';
import {
  add,
  atan,
  concat,
  div,
  log,
  mul,
  neg,
  pow,
  reciprocal,
  split,
  square,
  sub,
  type Tensor,
} from '@tensorflow/tfjs-core';

/** The inverse tangent, an activation function with Lipschitz constant 1. */
export const arcTangent = (): Layer =>
  elementwise({
    name: 'arc-tangent',
    lipschitz: 1,
    evaluate: (a) => ({ value: atan(a), slope: reciprocal(add(1, square(a))), a }),
    curvature: ({ a, slope }) => mul(mul(-2, a), pow(slope, 2)),
  });

/** Computes `log det(I + J)` in two dimensions from the entries of `J`. */
export const byHand = (): LogDetEstimator => ({
  name: 'by-hand',
  bias: 'exact',
  estimate: (g) =>
    scoped(() => {
      const pushed = g.units();
      const rows = pushed.images.shape[1]!;
      // The entries of the Jacobian [[a, b], [c, d]], each of shape [B, 1].
      const [a, c, b, d] = split(pushed.images, 2, 0).flatMap((column) => split(reshaped(column, [rows, 2]), 2, 1)) as [
        Tensor,
        Tensor,
        Tensor,
        Tensor,
      ];
      const det = sub(mul(add(1, a), add(1, d)), mul(b, c));
      const logDet = reshaped(log(det), [rows]);
      // The gradient uses the rows of the inverse of I + J: d log det is the sum over k of <row k, dJ e_k>.
      const inverse = [
        [add(1, d), neg(b)],
        [neg(c), add(1, a)],
      ].map((row) => reshaped(div(concat(row, 1), det), [1, rows, 2]));
      return g.tracked ? { logDet, pair: { pushed, cotangents: concat(inverse, 0) } } : { logDet };
    }),
});

export const impflow = { activation: { 'arc-tangent': arcTangent }, logDet: { 'by-hand': byHand } };
