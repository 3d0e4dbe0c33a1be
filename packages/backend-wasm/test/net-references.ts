import { key, normals } from '@impflow/core';
import type { ActivationName } from '../src/kernels/elementwise/activation.ts';
import { references } from './elementwise-references.ts';

/** Returns random float64 numbers that float32 represents exactly. */
export const draw = (seed: number, size: number, scale = 1): Float64Array =>
  normals(key(seed), size).map((z) => Math.fround(scale * z));
export const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);

/** An activation with its first and second derivative. */
export interface Curve extends Readonly<Record<'value' | 'slope' | 'bend', (a: number) => number>> {
  readonly activation: ActivationName;
  readonly alpha: number;
}
export type Vectors<Name extends string> = Readonly<Record<Name, Float64Array>>;

const TURN = 2 * Math.PI;
const [softplus, logistic] = (['softplus', 'sigmoid'] as const).map(
  (name) => references.find((reference) => reference.name === name)!.exact,
) as [Curve['value'], Curve['value']];
export const curves: readonly Curve[] = [
  {
    activation: 'sin',
    alpha: 1,
    value: (a) => Math.sin(TURN * a) / TURN,
    slope: (a) => Math.cos(TURN * a),
    bend: (a) => -TURN * Math.sin(TURN * a),
  },
  {
    activation: 'snake',
    alpha: 1,
    value: (a) => a / 2 + Math.sin(TURN * a) / (2 * TURN),
    slope: (a) => Math.cos(Math.PI * a) ** 2,
    bend: (a) => -Math.PI * Math.sin(TURN * a),
  },
  {
    activation: 'elu',
    alpha: 0.7,
    value: (a) => (a > 0 ? a : 0.7 * Math.expm1(a)),
    slope: (a) => (a > 0 ? 1 : 0.7 * Math.exp(a)),
    bend: (a) => (a > 0 ? 0 : 0.7 * Math.exp(a)),
  },
  {
    activation: 'celu',
    alpha: 0.4,
    value: (a) => (a > 0 ? a : 0.4 * Math.expm1(a / 0.4)),
    slope: (a) => (a > 0 ? 1 : Math.exp(a / 0.4)),
    bend: (a) => (a > 0 ? 0 : Math.exp(a / 0.4) / 0.4),
  },
  {
    activation: 'tanh',
    alpha: 1,
    value: Math.tanh,
    slope: (a) => 1 - Math.tanh(a) ** 2,
    bend: (a) => -2 * Math.tanh(a) * (1 - Math.tanh(a) ** 2),
  },
  { activation: 'softplus', alpha: 1, value: softplus, slope: logistic, bend: (a) => logistic(a) * logistic(-a) },
];

/** A dense layer: a weight `w [m, n]` and a bias. */
export interface Layer extends Vectors<'w' | 'bias'> {
  readonly n: number;
  readonly m: number;
}
export interface Net {
  readonly widths: readonly number[];
  readonly curve: Curve;
  readonly layers: readonly Layer[];
}

export const netOf = (widths: readonly number[], curve: Curve): Net => ({
  widths,
  curve,
  layers: range(widths.length - 1).map((i) => {
    const [n, m] = [widths[i]!, widths[i + 1]!];
    return { n, m, w: draw(20 + i, m * n, 0.8 / Math.sqrt(n)), bias: draw(40 + i, m, 0.5) };
  }),
});

/** Tangents and cotangents of the net, `[count, rows, n]`. */
export interface Call extends Vectors<'x' | 'tangents' | 'u' | 'cotangents'> {
  readonly rows: number;
  readonly count: number;
}
export const none = { tangents: new Float64Array(0), cotangents: new Float64Array(0) };

type Strides = readonly [number, number];
/** Adds `A B` to `out`. `A [m, depth]` and `B [depth, n]` may have any strides. */
const product = (
  m: number,
  n: number,
  depth: number,
  a: Float64Array,
  [ai, ak]: Strides,
  b: Float64Array,
  [bk, bj]: Strides,
  out: Float64Array = new Float64Array(m * n),
): Float64Array => {
  for (let i = 0; i < m; i++) {
    for (let k = 0; k < depth; k++) {
      const factor = a[i * ai + k * ak]!;
      for (let j = 0; j < n; j++) out[i * n + j]! += factor * b[k * bk + j * bj]!;
    }
  }
  return out;
};
/** The products of a dense layer: `x W^T + b`, `c W` and `c^T x` for `x [rows, n]`, `c [rows, m]`. */
const affine = (
  { n, m }: Layer,
  x: Float64Array,
  w: Float64Array,
  bias: Float64Array = new Float64Array(m),
): Float64Array =>
  product(
    x.length / n,
    m,
    n,
    x,
    [n, 1],
    w,
    [1, n],
    new Float64Array((x.length / n) * m).map((_, at) => bias[at % m]!),
  );
const transposed = ({ n, m }: Layer, c: Float64Array, w: Float64Array): Float64Array =>
  product(c.length / m, n, m, c, [m, 1], w, [n, 1]);
const outer = ({ n, m }: Layer, c: Float64Array, x: Float64Array, out?: Float64Array): Float64Array =>
  product(m, n, c.length / m, c, [1, m], x, [n, 1], out);

type Hidden = Vectors<'a' | 'value' | 'slope' | 'entering' | 'leaving'>;

export const forward = (
  { curve, layers }: Net,
  { x, tangents }: Pick<Call, 'x' | 'tangents'>,
): Vectors<'value' | 'leaving'> & { readonly hidden: readonly Hidden[] } => {
  let [value, leaving] = [x, tangents];
  const hidden = layers.map((layer, i): Hidden => {
    const a = affine(layer, value, layer.w, layer.bias),
      entering = affine(layer, leaving, layer.w);
    const slope = a.map(curve.slope),
      last = i === layers.length - 1;
    value = last ? a : a.map(curve.value);
    leaving = last ? entering : entering.map((t, at) => t * slope[at % a.length]!);
    return { a, value, slope, entering, leaving };
  });
  return { value, leaving, hidden: hidden.slice(0, -1) };
};

/** Returns the arrays that the trace of a kernel contains for a hidden layer, in order. */
export const traced = ({ activation }: Curve, { value, slope, a }: Hidden): readonly Float64Array[] =>
  activation === 'snake' ? [value, slope, a] : [value, slope];

export const inner = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
/** Returns the scalar whose gradient the kernels compute: `<u, g(x)> + sum_k <c_k, J(x) t_k>`. */
export const scalar = (net: Net, call: Call): number => {
  const { value, leaving } = forward(net, call);
  return inner(call.u, value) + inner(call.cotangents, leaving);
};
export const gradient = (
  { curve, layers }: Net,
  { x, tangents, u, cotangents }: Call,
  hidden: readonly Hidden[],
): readonly [Float64Array, Float64Array, ...Float64Array[]] => {
  let [c, w] = [u, cotangents];
  const parameters: Float64Array[] = [];
  for (let i = layers.length - 1; i >= 0; i--) {
    const layer = layers[i]!,
      below = hidden[i - 1];
    const direct = outer(layer, w, below?.leaving ?? tangents, outer(layer, c, below?.value ?? x));
    parameters.unshift(direct, outer({ ...layer, n: 1 }, c, new Float64Array(c.length / layer.m).fill(1)));
    [c, w] = [transposed(layer, c, layer.w), transposed(layer, w, layer.w)];
    if (below === undefined) break;
    const { a, slope, entering } = below,
      products = new Float64Array(a.length);
    w.forEach((g, at) => {
      products[at % a.length]! += entering[at]! * g;
    });
    c = c.map((g, at) => g * slope[at]! + curve.bend(a[at]!) * products[at]!);
    w = w.map((g, at) => g * slope[at % a.length]!);
  }
  return [c, w, ...parameters];
};
