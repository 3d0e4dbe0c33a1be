import { offTape } from '@impflow/core';
import {
  abs,
  add,
  cast,
  cos,
  div,
  equal,
  exp,
  grad,
  greater,
  greaterEqual,
  isFinite,
  less,
  lessEqual,
  log,
  maximum,
  minimum,
  mul,
  neg,
  notEqual,
  relu,
  round,
  sigmoid,
  sin,
  softplus,
  sqrt,
  square,
  sub,
  sum,
  tanh,
  tensor1d,
  tile,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { valuesOf } from './numbers.ts';

/** A law about special numbers, such as NaN and infinities. */
export interface Edge {
  /** Name of the law, after `edge: `. */
  readonly name: string;
  /** Checks the law. Rejects where it does not hold. */
  readonly holds: () => Promise<void>;
}

/** The smallest positive normal number of float32. Many GPUs treat smaller ones as zero. */
const NORMAL = 2 ** -126;

/** Tolerances. */
interface Judged {
  /** Relative tolerance. Default 1e-4: far out, the rounding of the argument causes errors of this size. */
  readonly relative?: number;
  /** Absolute tolerance. Default: the smallest normal number, so that smaller ones may be zero. */
  readonly absolute?: number;
}

const agrees = (got: number, wanted: number, { relative = 1e-4, absolute = NORMAL }: Judged): boolean => {
  const rounded = Math.fround(wanted);
  // Zeros are equal, whatever their sign.
  return (
    Object.is(got, rounded) || got === rounded || Math.abs(got - rounded) <= relative * Math.abs(rounded) + absolute
  );
};

/** Checks a function at each row of arguments, in small tensors and in large ones, which may use other kernels. */
const at = async (
  f: (...x: Tensor[]) => Tensor,
  rows: readonly (readonly number[])[],
  exact: (...x: number[]) => number,
  judged: Judged = {},
): Promise<void> => {
  for (const times of [1, 150]) {
    const columns = (): Tensor[] =>
      rows[0]!.map((_, i) => tile(tensor1d(Float32Array.from(rows, (row) => row[i]!)), [times]));
    const got = await valuesOf(() => f(...columns()));
    const wrong = got.flatMap((value, i) => {
      const row = rows[i % rows.length]!.map(Math.fround);
      return agrees(value, exact(...row), judged) ? [] : [`${value} at ${row.join(', ')}, not ${exact(...row)}`];
    });
    expect([...new Set(wrong)].slice(0, 5)).toEqual([]);
  }
  // One at a time: backends may pass a tensor of one number as a constant.
  for (const row of rows) {
    const [value] = await valuesOf(() => f(...row.map((x) => tensor1d([x]))));
    const wanted = exact(...row.map(Math.fround));
    expect(agrees(value!, wanted, judged), `${value} at ${row.join(', ')}, not ${wanted}`).toBe(true);
  }
};
const along = (
  f: (x: Tensor) => Tensor,
  points: readonly number[],
  exact: (x: number) => number,
  judged?: Judged,
): Promise<void> =>
  at(
    f,
    points.map((x) => [x]),
    exact,
    judged,
  );

interface Curve extends Judged {
  readonly f: (x: Tensor) => Tensor;
  readonly exact: (x: number) => number;
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
/** Rounds to the nearest integer, halves to the even one. */
const rounded = (x: number): number => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));

/** Functions of one variable. Those that saturate have an absolute tolerance. */
const CURVES: Readonly<Record<string, Curve>> = {
  abs: { f: abs, exact: Math.abs },
  neg: { f: neg, exact: (x) => -x },
  relu: { f: relu, exact: (x) => (Number.isNaN(x) ? x : Math.max(x, 0)) },
  square: { f: square, exact: (x) => x * x },
  exp: { f: exp, exact: Math.exp },
  log: { f: log, exact: Math.log },
  sqrt: { f: sqrt, exact: Math.sqrt },
  round: { f: round, exact: rounded },
  sigmoid: { f: sigmoid, exact: logistic, absolute: 1e-6 },
  tanh: { f: tanh, exact: Math.tanh, absolute: 1e-6 },
  softplus: { f: softplus, exact: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), absolute: 1e-6 },
};

const curves: readonly Edge[] = Object.entries(CURVES).flatMap(([name, { f, exact, ...judged }]): Edge[] => [
  { name: `${name} of NaN`, holds: () => along(f, [1, Number.NaN, 2], exact, judged) },
  { name: `${name} of infinities`, holds: () => along(f, [Infinity, 1, -Infinity], exact, judged) },
  { name: `${name} of zeros`, holds: () => along(f, [0, -0], exact, judged) },
  { name: `${name} of large and small`, holds: () => along(f, [1e30, 1e-30, 1e4, 1e-4, 1000, 80, 20], exact, judged) },
  {
    name: `${name} of negatives, large and small`,
    holds: () => along(f, [-1e30, -1e-30, -1e4, -1e-4, -1000, -80, -20], exact, judged),
  },
]);

const ANGLES = Array.from({ length: 257 }, (_, i) => i - 128 + 0.37);
const angles: readonly Edge[] = (
  [
    ['sin', sin, Math.sin],
    ['cos', cos, Math.cos],
  ] as const
).map(([name, f, exact]) => ({
  name: `${name} up to 128`,
  holds: () => along(f, ANGLES, exact, { relative: 0, absolute: 1e-3 }),
}));

interface Arithmetic {
  readonly f: (x: Tensor, y: Tensor) => Tensor;
  readonly exact: (x: number, y: number) => number;
}
const ARITHMETIC: Readonly<Record<string, Arithmetic>> = {
  add: { f: add, exact: (x, y) => x + y },
  sub: { f: sub, exact: (x, y) => x - y },
  mul: { f: mul, exact: (x, y) => x * y },
  div: { f: div, exact: (x, y) => x / y },
};
const NAN_PAIRS = [
  [Number.NaN, 1],
  [1, Number.NaN],
  [Number.NaN, Number.NaN],
  [0, Number.NaN],
  [Number.NaN, 0],
  [Infinity, Number.NaN],
  [2, 3],
];
const INFINITE_PAIRS = [
  [Infinity, 1],
  [1, Infinity],
  [-Infinity, 1],
  [2, -Infinity],
  [0, Infinity],
  [Infinity, 0],
];
const BOTH_INFINITE = [
  [Infinity, Infinity],
  [Infinity, -Infinity],
  [-Infinity, Infinity],
  [-Infinity, -Infinity],
];
const arithmetic: readonly Edge[] = Object.entries(ARITHMETIC).flatMap(([name, { f, exact }]): Edge[] => [
  { name: `${name} with NaN`, holds: () => at((x, y) => f(x!, y!), NAN_PAIRS, exact) },
  { name: `${name} with infinities`, holds: () => at((x, y) => f(x!, y!), INFINITE_PAIRS, exact) },
  { name: `${name} of two infinities`, holds: () => at((x, y) => f(x!, y!), BOTH_INFINITE, exact) },
  {
    name: `${name} of large and small`,
    holds: () =>
      at(
        (x, y) => f(x!, y!),
        [
          [1e30, 1e30],
          [-1e30, 1e30],
          [1e30, 1e-30],
          [1e-30, 1e30],
          [1e-30, 1e-30],
          [1e30, 3],
          [-3, 1e-30],
        ],
        exact,
        { relative: 1e-6 },
      ),
  },
]);

type Comparison = readonly [string, (x: Tensor, y: Tensor) => Tensor, (x: number, y: number) => boolean];
const COMPARISONS: readonly Comparison[] = [
  ['greater', greater, (x, y) => x > y],
  ['greaterEqual', greaterEqual, (x, y) => x >= y],
  ['less', less, (x, y) => x < y],
  ['lessEqual', lessEqual, (x, y) => x <= y],
  ['equal', equal, (x, y) => x === y],
  ['notEqual', notEqual, (x, y) => x !== y],
];
// Solvers use them to find the samples that are done or lost. So `less(Infinity, Infinity)` must be false, and so must
// all comparisons with NaN but `notEqual`.
const comparisons: readonly Edge[] = COMPARISONS.flatMap(([name, f, exact]): Edge[] => [
  {
    name: `${name} with NaN`,
    holds: () =>
      at(
        (x, y) => f(x!, y!),
        NAN_PAIRS,
        (x, y) => Number(exact(x!, y!)),
      ),
  },
  {
    name: `${name} with infinities`,
    holds: () =>
      at(
        (x, y) => f(x!, y!),
        [...INFINITE_PAIRS, ...BOTH_INFINITE],
        (x, y) => Number(exact(x!, y!)),
      ),
  },
  {
    name: `${name} with a constant Infinity`,
    holds: () =>
      along(
        (x) => f(x, tensor1d([Infinity])),
        [1, Infinity, -Infinity, Number.NaN, 1e30],
        (x) => Number(exact(x, Infinity)),
      ),
  },
  {
    name: `${name} of zeros`,
    holds: () =>
      at(
        (x, y) => f(x!, y!),
        [
          [0, -0],
          [-0, 0],
          [0, 0],
          [1, 0],
        ],
        (x, y) => Number(exact(x!, y!)),
      ),
  },
]);

const gradients: readonly Edge[] = [
  {
    name: 'gradient of sigmoid far out is 0',
    holds: () => along(grad(sigmoid), [1000, -1000, 80, -80], () => 0, { absolute: 1e-6 }),
  },
  {
    name: 'gradient of tanh far out is 0',
    holds: () => along(grad(tanh), [1000, -1000, 80, -80], () => 0, { absolute: 1e-6 }),
  },
  {
    name: 'gradient of softplus far out is 0 or 1',
    holds: () => along(grad(softplus), [1000, -1000, 80, -80], (x) => Number(x > 0), { absolute: 1e-6 }),
  },
  { name: 'gradient of log near 0', holds: () => along(grad(log), [1e-30, 1e30], (x) => 1 / x) },
  { name: 'gradient of relu at 0 is 0', holds: () => along(grad(relu), [0, 1, -1], (x) => Number(x > 0)) },
  {
    name: 'gradient of abs at 0 is 0 or 1 in size',
    holds: async () => {
      const [slope] = await valuesOf(() => grad(abs)(tensor1d([0])));
      expect([-1, 0, 1]).toContain(slope! + 0);
    },
  },
];

const others: readonly Edge[] = [
  {
    name: 'div by zero is infinite',
    holds: () =>
      at(
        (x, y) => div(x!, y!),
        [
          [1, 0],
          [-1, 0],
          [1e-30, 0],
          [1e30, 0],
        ],
        (x, y) => x / y,
      ),
  },
  {
    name: 'div of zero by zero is NaN',
    holds: () =>
      at(
        (x, y) => div(x!, y!),
        [[0, 0]],
        (x, y) => x / y,
      ),
  },
  {
    name: 'round takes halves to even',
    holds: () =>
      along(round, [0.5, 1.5, 2.5, 3.5, -0.5, -1.5, -2.5, 8388607, -8388609, 0.49999997], rounded, {
        relative: 0,
        absolute: 0,
      }),
  },
  {
    name: 'infinity less itself rounded is NaN',
    holds: () =>
      along(
        (x) => sub(x, round(x)),
        [Infinity, -Infinity, Number.NaN],
        () => Number.NaN,
      ),
  },
  {
    name: 'minimum and maximum of infinities',
    holds: async () => {
      await at(
        (x, y) => minimum(x!, y!),
        [
          [1, Infinity],
          [Infinity, 1],
          [-Infinity, 1],
        ],
        Math.min,
      );
      await at(
        (x, y) => maximum(x!, y!),
        [
          [1, Infinity],
          [Infinity, 1],
          [-Infinity, 1],
        ],
        Math.max,
      );
    },
  },
  {
    name: 'isFinite',
    holds: () => along(isFinite, [1, Number.NaN, Infinity, -Infinity, 1e30, 0], (x) => Number(Number.isFinite(x))),
  },
  {
    name: 'log of false is -Infinity',
    holds: () =>
      along(
        (x) => log(cast(lessEqual(x, 1), 'float32')),
        [2, 0, Infinity, Number.NaN],
        (x) => (x <= 1 ? 0 : -Infinity),
      ),
  },
  {
    name: 'a norm of squares overflows to Infinity',
    holds: () =>
      along(
        (x) => sqrt(add(square(x), square(x))),
        [1e30, -1e30, Infinity, 3],
        (x) => (Math.abs(x) > 1e19 ? Infinity : Math.sqrt(2) * Math.abs(x)),
      ),
  },
  // Denormal numbers may be treated as zero, but as no other number.
  {
    name: 'denormal numbers stay or become 0',
    holds: async () => {
      const [copied, sums, products, roots] = [
        await valuesOf(() => tensor1d([1e-40, -1e-40])),
        await valuesOf(() => add(tensor1d([1e-40, -1e-40]), 0)),
        await valuesOf(() => mul(tensor1d([1e-25, -1e-25]), 1e-15)),
        await valuesOf(() => sqrt(tensor1d([1e-40]))),
      ];
      [...copied, ...sums, ...products].forEach((value) => expect(Math.abs(value)).toBeLessThanOrEqual(1.01e-40));
      expect([0, Math.fround(1e-20)].some((root) => Math.abs(root - roots[0]!) < 1e-23)).toBe(true);
      const [far] = await valuesOf(() => log(tensor1d([1e-40])));
      expect(far === -Infinity || Math.abs(far! - Math.log(1e-40)) < 0.01).toBe(true);
      const [one] = await valuesOf(() => exp(tensor1d([1e-40])));
      expect(one).toBe(1);
      const [total] = await valuesOf(() => offTape(() => sum(tensor1d([1e-40, 1, -1e-40]))));
      expect(total).toBe(1);
    },
  },
];

/** Laws of functions at NaN, infinities, zero, and large and small numbers. */
export const edgesOfFunctions: readonly Edge[] = [
  ...curves,
  ...angles,
  ...arithmetic,
  ...comparisons,
  ...gradients,
  ...others,
];
