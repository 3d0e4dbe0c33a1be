import { contractionByTape, key, normal, normals, scoped, sizeOf, type Contraction, type Shape } from '@impflow/core';
import { add, cos, expandDims, mul, reshape, sin, sum, tensor, variable, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import { spectralNorm } from './matrix.ts';

export interface RippleOptions {
  readonly event: Shape;
  /** The Lipschitz bound. */
  readonly slope: number;
  /** `[d, d]` with norm at most one. Default: random. */
  readonly weight?: readonly number[];
  /** Give each of this number of rows parameters of its own, all alike: gradients are then per row. Default: shared. */
  readonly rows?: number;
}

/**
 * `x -> slope sin(W x + b)`: the smallest contraction whose Jacobian is dense, not normal, and depends on everything. In plain
 * operations that tfjs differentiates rightly, independent of any package under test. A refresh scales a weight whose norm has grown
 * above one back to it.
 */
export const ripple = ({ event, slope, weight, rows = 1 }: RippleOptions): Contraction => {
  const d = sizeOf(event);
  const draw = normals(key(11), d * d);
  const entries = weight ?? Array.from(draw, (w) => w / Math.hypot(...draw));
  const alike = (values: readonly number[], shape: readonly number[]): Tensor => tensor(Array.from({ length: rows }, () => values).flat(), [rows, ...shape]);
  const w = scoped(() => variable(alike(entries, [d, d])));
  const b = scoped(() => variable(alike(Array.from(normals(key(12), d)), [d])));

  const flat = (x: Tensor): Tensor => reshape(x, [...x.shape.slice(0, x.rank - event.length), d]);
  const times = (t: Tensor): Tensor => sum(mul(w, expandDims(t, -2)), -1);
  const argument = (x: Tensor): Tensor => add(times(flat(x)), b);

  return contractionByTape({
    shape: event,
    lipschitz: slope,
    parameters: { weight: w, bias: b },
    refresh: () => { project(w, d); },
    value: (x) => reshape(mul(slope, sin(argument(x))), x.shape),
    push: (x, tangents) => reshape(mul(mul(slope, cos(argument(x))), times(flat(tangents))), tangents.shape),
  });
};

/** Scales each of the matrices `[rows, d, d]` to norm one where it is above. */
const project = (weight: Variable, d: number): void => scoped(() => {
  const entries = Array.from(weight.dataSync());
  const norms = Array.from({ length: weight.shape[0]! }, (_, row) => spectralNorm(Array.from({ length: d }, (_row, i) => entries.slice((row * d + i) * d, (row * d + i + 1) * d))));
  if (norms.some((norm) => norm > 1 + 1e-6)) weight.assign(tensor(entries.map((entry, i) => entry / Math.max(1, norms[Math.floor(i / d ** 2)]!)), weight.shape));
});

/** `log det(I + J)` at one point of a {@link ripple}, in float64 and plain JavaScript. */
export const rippleLogDet = (slope: number, weight: ArrayLike<number>, bias: ArrayLike<number>, x: ArrayLike<number>): number => {
  const d = bias.length;
  const matrix = Array.from({ length: d }, (_, i) => {
    let a = bias[i]!;
    for (let j = 0; j < d; j++) a += weight[i * d + j]! * x[j]!;
    return Array.from({ length: d }, (_, j) => (i === j ? 1 : 0) + slope * Math.cos(a) * weight[i * d + j]!);
  });
  let logDet = 0;
  for (let k = 0; k < d; k++) {
    const row = matrix[k]!;
    logDet += Math.log(row[k]!);
    for (let i = k + 1; i < d; i++) {
      const below = matrix[i]!;
      const factor = below[k]! / row[k]!;
      for (let j = k; j < d; j++) below[j] = below[j]! - factor * row[j]!;
    }
  }
  return logDet;
};

export interface RippleGradient {
  readonly weight: readonly number[];
  readonly bias: readonly number[];
  readonly x: readonly number[];
}

/** Central differences of {@link rippleLogDet}, right to about 1e-9. */
export const rippleLogDetGradient = (slope: number, weight: ArrayLike<number>, bias: ArrayLike<number>, x: ArrayLike<number>): RippleGradient => {
  const parts = { weight: Array.from(weight), bias: Array.from(bias), x: Array.from(x) };
  const along = (name: keyof RippleGradient): number[] => parts[name].map((entry, i) => {
    const at = (shift: number): number => {
      const moved = { ...parts, [name]: parts[name].with(i, entry + shift) };
      return rippleLogDet(slope, moved.weight, moved.bias, moved.x);
    };
    return (at(1e-5) - at(-1e-5)) / 2e-5;
  });
  return { weight: along('weight'), bias: along('bias'), x: along('x') };
};

/** Points to try a {@link ripple} at. */
export const ripplePoints = (event: Shape, batch: number): Tensor => normal(key(13), [batch, ...event]);
