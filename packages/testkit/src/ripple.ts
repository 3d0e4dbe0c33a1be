import {
  contractionByTape,
  key,
  drawNormal,
  normals,
  scoped,
  sizeOf,
  type Contraction,
  type Shape,
} from '@impflow/core';
import {
  add,
  cos,
  expandDims,
  mul,
  reshape,
  sin,
  sum,
  tensor,
  variable,
  type Tensor,
  type Variable,
} from '@tensorflow/tfjs-core';
import { spectralNorm } from './matrix.ts';

/** Options of {@link ripple}. */
export interface RippleOptions {
  /** Shape of an event, with `d` elements. */
  readonly event: Shape;
  /** The Lipschitz bound, in `(0, 1)`. */
  readonly slope: number;
  /** `W`, `[d, d]` row-major, with spectral norm at most 1. Default: random. */
  readonly weight?: readonly number[];
  /**
   * Number of equal copies of the parameters. With one copy per row, each row has its own gradients. Default 1: all
   * rows share the parameters.
   */
  readonly rows?: number;
}

/**
 * The contraction `x -> slope sin(W x + b)`. The Jacobian of the map is dense, not normal, and depends on the point and
 * all parameters. The map consists of plain operations that tfjs differentiates correctly, independent of the packages
 * under test. `refresh` scales a weight with a norm above 1 to norm 1.
 */
export const ripple = ({ event, slope, weight, rows = 1 }: RippleOptions): Contraction => {
  const d = sizeOf(event);
  const draw = normals(key(11), d * d);
  const entries = weight ?? Array.from(draw, (w) => w / Math.hypot(...draw));
  const alike = (values: readonly number[], shape: readonly number[]): Tensor =>
    tensor(Array.from({ length: rows }, () => values).flat(), [rows, ...shape]);
  const w = scoped(() => variable(alike(entries, [d, d])));
  const b = scoped(() => variable(alike(Array.from(normals(key(12), d)), [d])));

  const flat = (x: Tensor): Tensor => reshape(x, [...x.shape.slice(0, x.rank - event.length), d]);
  const times = (t: Tensor): Tensor => sum(mul(w, expandDims(t, -2)), -1);
  const argument = (x: Tensor): Tensor => add(times(flat(x)), b);

  return contractionByTape({
    shape: event,
    lipschitz: slope,
    parameters: { weight: w, bias: b },
    refresh: () => {
      project(w, d);
    },
    value: (x) => reshape(mul(slope, sin(argument(x))), x.shape),
    push: (x, tangents) => reshape(mul(mul(slope, cos(argument(x))), times(flat(tangents))), tangents.shape),
  });
};

/** Scales each of the matrices `[rows, d, d]` with a norm above 1 to norm 1. */
const project = (weight: Variable, d: number): void =>
  scoped(() => {
    const entries = Array.from(weight.dataSync());
    const norms = Array.from({ length: weight.shape[0]! }, (_, row) =>
      spectralNorm(Array.from({ length: d }, (_row, i) => entries.slice((row * d + i) * d, (row * d + i + 1) * d))),
    );
    if (norms.some((norm) => norm > 1 + 1e-6))
      weight.assign(
        tensor(
          entries.map((entry, i) => entry / Math.max(1, norms[Math.floor(i / d ** 2)]!)),
          weight.shape,
        ),
      );
  });

/** Returns `log det(I + J)` of a {@link ripple} at one point `x [d]`, in float64 and plain JavaScript. */
export const rippleLogDet = (
  slope: number,
  weight: ArrayLike<number>,
  bias: ArrayLike<number>,
  x: ArrayLike<number>,
): number => {
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

/** Gradient of {@link rippleLogDet}. */
export interface RippleGradient {
  /** With respect to `W`, `[d, d]` row-major. */
  readonly weight: readonly number[];
  /** With respect to `b`, `[d]`. */
  readonly bias: readonly number[];
  /** With respect to the point, `[d]`. */
  readonly x: readonly number[];
}

/** Returns the gradient of {@link rippleLogDet}, by central differences, with an error of about 1e-9. */
export const rippleLogDetGradient = (
  slope: number,
  weight: ArrayLike<number>,
  bias: ArrayLike<number>,
  x: ArrayLike<number>,
): RippleGradient => {
  const parts = { weight: Array.from(weight), bias: Array.from(bias), x: Array.from(x) };
  const along = (name: keyof RippleGradient): number[] =>
    parts[name].map((entry, i) => {
      const at = (shift: number): number => {
        const moved = { ...parts, [name]: parts[name].with(i, entry + shift) };
        return rippleLogDet(slope, moved.weight, moved.bias, moved.x);
      };
      return (at(1e-5) - at(-1e-5)) / 2e-5;
    });
  return { weight: along('weight'), bias: along('bias'), x: along('x') };
};

/** Returns standard normal points for a {@link ripple}, `[batch, ...event]`, the same at each call. */
export const ripplePoints = (event: Shape, batch: number): Tensor => drawNormal(key(13), [batch, ...event]);
