import { offTape } from '@impflow/core';
import {
  abs,
  add,
  cast,
  cos,
  exp,
  grad,
  isFinite,
  lessEqual,
  log,
  mul,
  neg,
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
  type Tensor,
} from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { valuesOf } from '../numbers.ts';
import { along, type Edge, type Judged } from './edge.ts';

interface Curve extends Judged {
  readonly f: (x: Tensor) => Tensor;
  readonly exact: (x: number) => number;
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
/** Rounds to the nearest integer, and halves to the nearest even integer. */
const rounded = (x: number): number => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));

/** Functions of one variable. Functions that saturate have an absolute tolerance. */
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
  {
    name: `${name} of large and small numbers`,
    holds: () => along(f, [1e30, 1e-30, 1e4, 1e-4, 1000, 80, 20], exact, judged),
  },
  {
    name: `${name} of large and small negative numbers`,
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

const gradients: readonly Edge[] = [
  {
    name: 'gradient of sigmoid far from zero is 0',
    holds: () => along(grad(sigmoid), [1000, -1000, 80, -80], () => 0, { absolute: 1e-6 }),
  },
  {
    name: 'gradient of tanh far from zero is 0',
    holds: () => along(grad(tanh), [1000, -1000, 80, -80], () => 0, { absolute: 1e-6 }),
  },
  {
    name: 'gradient of softplus far from zero is 0 or 1',
    holds: () => along(grad(softplus), [1000, -1000, 80, -80], (x) => Number(x > 0), { absolute: 1e-6 }),
  },
  { name: 'gradient of log near 0', holds: () => along(grad(log), [1e-30, 1e30], (x) => 1 / x) },
  { name: 'gradient of relu at 0 is 0', holds: () => along(grad(relu), [0, 1, -1], (x) => Number(x > 0)) },
  {
    name: 'gradient of abs at 0 is -1, 0 or 1',
    holds: async () => {
      const [slope] = await valuesOf(() => grad(abs)(tensor1d([0])));
      expect([-1, 0, 1]).toContain(slope! + 0);
    },
  },
];

const others: readonly Edge[] = [
  {
    name: 'round rounds halves to even',
    holds: () =>
      along(round, [0.5, 1.5, 2.5, 3.5, -0.5, -1.5, -2.5, 8388607, -8388609, 0.49999997], rounded, {
        relative: 0,
        absolute: 0,
      }),
  },
  {
    name: 'x - round(x) is NaN for infinities and NaN',
    holds: () =>
      along(
        (x) => sub(x, round(x)),
        [Infinity, -Infinity, Number.NaN],
        () => Number.NaN,
      ),
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
  // A backend may treat denormal numbers as zero, but must not replace them by other numbers.
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

/** Laws of functions of one variable at NaN, infinities, zero, and large and small numbers. */
export const functions: readonly Edge[] = [...curves, ...angles, ...gradients, ...others];
