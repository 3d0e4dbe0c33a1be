import {
  defineContraction,
  defineLinearization,
  key,
  drawNormal,
  kept,
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
  sub,
  sum,
  tensor,
  variable,
  zerosLike,
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
 * all parameters. Values and derivatives are plain operations by formulas, independent of the packages under test.
 * `refresh` scales a weight with a norm above 1 to norm 1.
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
  const transposed = (u: Tensor): Tensor => sum(mul(w, expandDims(u, -1)), -2);
  const argument = (x: Tensor): Tensor => add(times(flat(x)), b);
  /** Adds the gradients of all entries of a stack and of all rows that share a copy of the parameters. */
  const summed = (each: Tensor, shape: readonly number[]): Tensor => {
    const stacked = reshape(each, [-1, each.shape[each.rank - shape.length]!, ...shape.slice(1)]);
    const rows = sum(stacked, 0);
    return shape[0] === rows.shape[0] ? rows : sum(rows, 0, true);
  };

  return defineContraction({
    shape: event,
    lipschitz: slope,
    parameters: { weight: w, bias: b },
    refresh: () => {
      project(w, d);
    },
    value: (x) => reshape(mul(slope, sin(argument(x))), x.shape),
    linearize: (x, { tracked = true } = {}) => {
      const at = kept(() => {
        const a = argument(x);
        const sine = mul(slope, sin(a));
        return { x: flat(x).clone(), sine, cosine: mul(slope, cos(a)), value: reshape(sine, x.shape).clone() };
      });
      const jvp = (t: Tensor): Tensor => reshape(mul(at.cosine, times(flat(t))), t.shape);
      return defineLinearization({
        value: at.value,
        tracked,
        owned: [at.x, at.sine, at.cosine],
        push: (t) => ({ images: jvp(t), entering: [] }),
        jvp,
        vjp: (u) => reshape(transposed(mul(at.cosine, flat(u))), u.shape),
        // The gradient of `<u, g> + sum_k <c_k, J t_k>` with respect to the argument of the sine is
        // `u cos - sum_k c_k (W t_k) sin`, times the slope.
        pullback: ({ value: u, pair, onto }) => {
          const [t, c] = pair === undefined ? [] : [flat(pair.pushed.tangents), flat(pair.cotangents)];
          const direct = u === undefined ? zerosLike(at.x) : mul(flat(u), at.cosine);
          const q = t === undefined ? direct : sub(direct, mul(at.sine, sum(mul(c!, times(t)), 0)));
          const outer = (left: Tensor, right: Tensor): Tensor => mul(expandDims(left, -1), expandDims(right, -2));
          const ofWeight = summed(outer(q, at.x), w.shape);
          const weights = [
            t === undefined ? ofWeight : add(ofWeight, summed(outer(mul(c!, at.cosine), t), w.shape)),
            summed(q, b.shape),
          ];
          return {
            x: reshape(transposed(q), x.shape),
            weights: onto === undefined ? weights : weights.map((gradient, i) => add(onto[i]!, gradient)),
          };
        },
      });
    },
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
