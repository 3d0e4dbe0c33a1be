import { reshaped, scoped, type LogDetEstimator } from '@impflow/core';
import { elementwise, type Layer } from '@impflow/lipschitz';
import { add, atan, log, mul, pow, reciprocal, split, square, sub } from '@tensorflow/tfjs-core';

/** The inverse tangent, 1-Lipschitz. */
export const arcTangent = (): Layer => elementwise({
  name: 'arc-tangent',
  lipschitz: 1,
  evaluate: (a) => ({ value: atan(a), slope: reciprocal(add(1, square(a))), a }),
  curvature: ({ a, slope }) => mul(mul(-2, a), pow(slope, 2)),
});

/** `log det(I + J)` in two dimensions, as it is written on paper. */
export const byHand = (): LogDetEstimator => ({
  name: 'by-hand',
  bias: 'exact',
  estimate: (g, x) => scoped(() => {
    const { value, tangents } = g.pushforward(x);
    const rows = tangents.shape[1]!;
    const [a, c, b, d] = split(reshaped(tangents, [2, rows, 2]), 2, 0).flatMap((column) => split(reshaped(column, [rows, 2]), 2, 1).map((part) => reshaped(part, [rows])));
    return { value, logDet: log(sub(mul(add(1, a!), add(1, d!)), mul(b!, c!))) };
  }),
});

export const impflow = { activation: { 'arc-tangent': arcTangent }, logDet: { 'by-hand': byHand } };
