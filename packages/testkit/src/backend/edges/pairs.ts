import {
  add,
  div,
  equal,
  greater,
  greaterEqual,
  less,
  lessEqual,
  maximum,
  minimum,
  mul,
  notEqual,
  sub,
  tensor1d,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { along, at, type Edge } from './edge.ts';

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
    name: `${name} of large and small numbers`,
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
// Solvers use comparisons to find the samples that have converged or diverged. So `less(Infinity, Infinity)` must be
// false, and all comparisons with NaN except `notEqual` must be false.
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
];

/** Laws of arithmetic and comparisons with NaN, infinities and zeros. */
export const pairs: readonly Edge[] = [...arithmetic, ...comparisons, ...others];
