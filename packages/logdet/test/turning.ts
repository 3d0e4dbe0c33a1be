import { contractionByTape, key, normals, release, scoped, type Contraction } from '@impflow/core';
import { rippleLogDet } from '@impflow/testkit';
import { add, cos, matMul, mul, reshape, sin, tensor2d, variable, type Tensor } from '@tensorflow/tfjs-core';

/**
 * The map `x -> slope sin(Q x + b)` with an orthogonal `Q`. `Q` preserves norms, so only the slope and the cosines make
 * the powers of the Jacobian decay.
 */
export interface Turning {
  readonly g: Contraction;
  readonly weight: Float64Array;
  readonly bias: Float64Array;
  /** Computes `log det(I + J)` at a point in float64. */
  logDet(x: ArrayLike<number>): number;
  /** Computes the matrix `(I + J)^T` at a point in float64. */
  transposed(x: ArrayLike<number>): readonly (readonly number[])[];
  dispose(): void;
}

/** Rounds numbers to float32 and returns them in float64. */
const rounded = (values: Iterable<number>): Float64Array => Float64Array.from(Float32Array.from(values));

/** Returns a product of random reflections with cyclically shifted rows. */
const orthogonal = (d: number, reflections = 3): Float64Array => {
  const q = Float64Array.from({ length: d * d }, (_, i) => (i % (d + 1) === 0 ? 1 : 0));
  for (let r = 0; r < reflections; r++) {
    const draw = normals(key(60 + r), d);
    const length = Math.hypot(...draw);
    const v = Float64Array.from(draw, (entry) => entry / length);
    for (let i = 0; i < d; i++) {
      let along = 0;
      for (let k = 0; k < d; k++) along += q[i * d + k]! * v[k]!;
      for (let k = 0; k < d; k++) q[i * d + k]! -= 2 * along * v[k]!;
    }
  }
  // The rows are shifted cyclically by one, so that the eigenvalues are distributed around the unit circle.
  return rounded(Array.from({ length: d * d }, (_, i) => q[(i + d) % (d * d)]!));
};

export const turning = (d: number, slope: number): Turning => {
  const [weight, bias] = [orthogonal(d), rounded(Array.from(normals(key(70), d), (z) => 0.3 * z))];
  const w = scoped(() => variable(tensor2d(Float32Array.from(weight), [d, d])));
  const b = scoped(() => variable(tensor2d(Float32Array.from(bias), [1, d])));
  const times = (t: Tensor): Tensor => reshape(matMul(reshape(t, [-1, d]), w, false, true), t.shape);
  const argument = (x: Tensor): Tensor => add(times(x), b);
  return {
    weight,
    bias,
    g: contractionByTape({
      shape: [d],
      lipschitz: slope,
      parameters: { weight: w, bias: b },
      value: (x) => mul(slope, sin(argument(x))),
      push: (x, tangents) => mul(mul(slope, cos(argument(x))), times(tangents)),
    }),
    logDet: (x) => rippleLogDet(slope, weight, bias, x),
    transposed: (x) => {
      const slopes = Array.from(
        bias,
        (entry, i) => slope * Math.cos(Array.from(x).reduce((total, at, j) => total + weight[i * d + j]! * at, entry)),
      );
      return Array.from({ length: d }, (_, j) =>
        Array.from({ length: d }, (_entry, i) => (i === j ? 1 : 0) + slopes[i]! * weight[i * d + j]!),
      );
    },
    dispose: () => release([w, b]),
  };
};
