import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * The error function in float64. For small numbers the function sums the series of erf. For large numbers the function
 * evaluates the continued fraction of the complementary error function backward.
 */
const erf = (x: number): number => {
  const a = Math.abs(x);
  if (!(a <= 6)) return Number.isNaN(a) ? NaN : Math.sign(x);
  if (a < 2.5) {
    let term = x,
      sum = x;
    for (let k = 1; Math.abs(term) > 1e-18 * Math.abs(sum); k++) {
      term *= (-a * a) / k;
      sum += term / (2 * k + 1);
    }
    return (sum * 2) / Math.sqrt(Math.PI);
  }
  let fraction = 0;
  for (let k = 60; k > 0; k--) fraction = k / 2 / (a + fraction);
  return Math.sign(x) * (1 - Math.exp(-a * a) / (Math.sqrt(Math.PI) * (a + fraction)));
};

export interface Reference {
  readonly name:
    | 'cos'
    | 'elu'
    | 'erf'
    | 'exp'
    | 'expm1'
    | 'log'
    | 'log1p'
    | 'sigmoid'
    | 'sign'
    | 'sin'
    | 'softplus'
    | 'tanh';
  readonly f: (x: Tensor) => Tensor;
  /** Exact value of the function, in float64. */
  readonly exact: (x: number) => number;
  /** Expected values at special points, such as infinity. */
  readonly special: readonly (readonly [x: number, y: number])[];
}

const odd = [
  [0, 0],
  [-0, -0],
  [NaN, NaN],
  [2 ** -149, 2 ** -149],
  [-(2 ** -149), -(2 ** -149)],
] as const;

export const references: readonly Reference[] = [
  {
    name: 'sin',
    f: tf.sin,
    exact: Math.sin,
    special: [
      [0, 0],
      [-0, -0],
      [NaN, NaN],
      [Infinity, NaN],
      [-Infinity, NaN],
      [2 ** -149, 2 ** -149],
    ],
  },
  {
    name: 'cos',
    f: tf.cos,
    exact: Math.cos,
    special: [
      [0, 1],
      [-0, 1],
      [NaN, NaN],
      [Infinity, NaN],
      [-Infinity, NaN],
      [2 ** -149, 1],
    ],
  },
  { name: 'tanh', f: tf.tanh, exact: Math.tanh, special: [...odd, [Infinity, 1], [-Infinity, -1], [50, 1], [-50, -1]] },
  {
    name: 'exp',
    f: tf.exp,
    exact: Math.exp,
    special: [
      [0, 1],
      [-0, 1],
      [NaN, NaN],
      [Infinity, Infinity],
      [-Infinity, 0],
      [89, Infinity],
      [3e38, Infinity],
      [-105, 0],
      [-3e38, 0],
    ],
  },
  {
    name: 'expm1',
    f: tf.expm1,
    exact: Math.expm1,
    special: [...odd, [Infinity, Infinity], [-Infinity, -1], [89, Infinity], [-3e38, -1]],
  },
  {
    name: 'log',
    f: tf.log,
    exact: Math.log,
    special: [
      [0, -Infinity],
      [-0, -Infinity],
      [1, 0],
      [-1, NaN],
      [-(2 ** -149), NaN],
      [NaN, NaN],
      [Infinity, Infinity],
      [-Infinity, NaN],
    ],
  },
  {
    name: 'log1p',
    f: tf.log1p,
    exact: Math.log1p,
    special: [
      ...odd,
      [-1, -Infinity],
      [-2, NaN],
      [Infinity, Infinity],
      [-Infinity, NaN],
      [1e-4, Math.fround(Math.log1p(Math.fround(1e-4)))],
      [1e-30, Math.fround(1e-30)],
    ],
  },
  // On NaN the result is 0, as on the cpu backend of tfjs.
  {
    name: 'sign',
    f: tf.sign,
    exact: (x) => (x > 0 ? 1 : x < 0 ? -1 : 0),
    special: [
      [0, 0],
      [NaN, 0],
      [1e-10, 1],
      [-1e-10, -1],
      [2 ** -149, 1],
      [Infinity, 1],
      [-Infinity, -1],
    ],
  },
  {
    name: 'sigmoid',
    f: tf.sigmoid,
    exact: (x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))),
    special: [
      [0, 0.5],
      [-0, 0.5],
      [NaN, NaN],
      [Infinity, 1],
      [-Infinity, 0],
      [3e38, 1],
      [-3e38, 0],
    ],
  },
  {
    name: 'softplus',
    f: tf.softplus,
    exact: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    special: [
      [0, Math.fround(Math.LN2)],
      [NaN, NaN],
      [Infinity, Infinity],
      [-Infinity, 0],
      [3e38, Math.fround(3e38)],
      [-3e38, 0],
    ],
  },
  {
    name: 'erf',
    f: tf.erf,
    exact: erf,
    special: [
      [0, 0],
      [-0, -0],
      [NaN, NaN],
      [Infinity, 1],
      [-Infinity, -1],
      [4, 1],
      [-4, -1],
    ],
  },
  {
    name: 'elu',
    f: tf.elu,
    exact: (x) => (x >= 0 ? x : Math.expm1(x)),
    special: [
      [0, 0],
      [-0, -0],
      [NaN, NaN],
      [Infinity, Infinity],
      [-Infinity, -1],
      [3e38, Math.fround(3e38)],
      [-3e38, -1],
    ],
  },
];

/** Returns the distance between a float32 number and the next larger float32 number. */
export const ulp = (x: number): number => Math.max(2 ** -149, 2 ** (Math.floor(Math.log2(Math.abs(x))) - 23));

/**
 * Returns every 4099th bit pattern of float32. 4099 is a prime, so that all kinds of mantissas occur. Adds all bit
 * patterns near points where a formula or the number format changes (such as the first denormal), bit patterns near
 * multiples of pi/2, and the floats that are closest to multiples of pi/2.
 */
export const wholeRange = (): Float32Array => {
  const patterns: number[] = [];
  for (let bits = 0; bits < 2 ** 32; bits += 4099) patterns.push(bits);
  const near = (x: number, width: number): void => {
    const [center] = new Uint32Array(Float32Array.of(x).buffer) as unknown as [number];
    for (let d = -width; d <= width; d++) patterns.push((center + d) >>> 0);
  };
  for (const x of [
    0,
    1,
    0.5,
    2,
    87.3,
    88,
    88.7228,
    87.3365,
    103.97,
    110,
    25700,
    3.925,
    9,
    17,
    1.1754944e-38,
    0.34657,
    Math.SQRT2,
    Math.SQRT1_2,
    2 ** 22,
    2 ** 23,
    2 ** 24,
    2 ** 31,
    2 ** 32,
    3.4028234e38,
    Infinity,
  ]) {
    near(x, 200);
    near(-x, 200);
  }
  for (let k = 1; k <= 400; k++) for (const sign of [1, -1]) near((sign * k * Math.PI) / 2, 8);
  for (let k = 1; k < 2 ** 24; k = Math.ceil(k * 1.02) + 1) near((k * Math.PI) / 2, 2);
  // Each entry is the float32 number that is nearest to a multiple of pi/2 among all float32 numbers with the same
  // exponent.
  for (const x of [16367173 * 2 ** 72, 15689125 * 2 ** 47, 11487303 * 2 ** 3]) near(x, 4);
  return new Float32Array(Uint32Array.from(patterns).buffer);
};
