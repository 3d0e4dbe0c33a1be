import type { Shape } from '@impflow/core';
import {
  abs,
  add,
  addN,
  cast,
  clipByValue,
  clone,
  cos,
  div,
  elu,
  equal,
  exp,
  greater,
  greaterEqual,
  isFinite,
  less,
  lessEqual,
  log,
  log1p,
  logicalAnd,
  maximum,
  minimum,
  mul,
  neg,
  notEqual,
  pow,
  relu,
  round,
  sigmoid,
  sign,
  sin,
  softplus,
  sqrt,
  square,
  sub,
  tanh,
  type Tensor,
} from '@tensorflow/tfjs-core';
import type { Input } from '../numbers.ts';
import { of, type Case, type Unary } from './case.ts';

type Binary = (x: Tensor, y: Tensor) => Tensor;

// All ranks; single rows, columns and numbers; sizes that are not multiples of the tiles of kernels, textures or
// workgroups.
const SHAPES: readonly Shape[] = [[], [7], [1, 1], [1, 300], [300, 1], [129, 67], [3, 50, 7], [2, 3, 5, 4]];

/** Pairs of shapes that the packages broadcast, and similar pairs. */
const PAIRS: readonly (readonly [Shape, Shape])[] = [
  ...SHAPES.map((shape) => [shape, shape] as const),
  [[129, 67], []],
  [[], [129, 67]],
  [[129, 67], [1]],
  [[129, 67], [67]],
  [
    [129, 67],
    [1, 67],
  ],
  [
    [129, 67],
    [129, 1],
  ],
  [
    [300, 1],
    [1, 3],
  ],
  [
    [3, 50, 7],
    [50, 7],
  ],
  [
    [3, 50, 7],
    [3, 50, 1],
  ],
  [
    [3, 50, 7],
    [3, 1, 7],
  ],
  [
    [1, 7, 1],
    [50, 7, 1],
  ],
  [
    [50, 7, 1],
    [50, 1, 9],
  ],
  [
    [50, 1, 3],
    [8, 3],
  ],
  [
    [2, 3, 5, 4],
    [3, 1, 4],
  ],
];

const unary = (f: Unary, range: Omit<Input, 'shape'> = {}, gradient = true): readonly Case[] =>
  SHAPES.map((shape) => ({ inputs: [{ shape, ...range }], f: (x) => f(x!), gradient }));
const binary = (f: Binary, range: Omit<Input, 'shape'> = {}): readonly Case[] =>
  PAIRS.map(([a, b]) => ({ inputs: [{ shape: a }, { shape: b, ...range }], f: (x, y) => f(x!, y!) }));
/** Maximum and minimum: tfjs computes their gradients only without broadcasting. */
const extremum = (f: Binary): readonly Case[] =>
  binary(f).map((each) => ({ ...each, gradient: String(each.inputs[0]!.shape) === String(each.inputs[1]!.shape) }));
/** Comparisons of integers, so that some pairs are equal. */
const comparison = (f: Binary): readonly Case[] =>
  PAIRS.map(([a, b]) => ({
    inputs: [
      { shape: a, dtype: 'int32', from: -2, to: 3 },
      { shape: b, dtype: 'int32', from: -2, to: 3 },
    ],
    f: (x, y) => f(cast(x!, 'float32'), cast(y!, 'float32')),
    gradient: false,
  }));

const positive = { from: 0.3, to: 3 };

/** Operations on each element, with broadcasting. */
export const elementwise: Readonly<Record<string, readonly Case[]>> = {
  abs: unary(abs),
  neg: unary(neg),
  exp: unary(exp),
  relu: unary(relu),
  elu: unary(elu),
  sigmoid: unary(sigmoid),
  softplus: unary(softplus),
  tanh: unary(tanh),
  square: unary(square),
  sin: unary(sin, { from: -4, to: 4 }),
  cos: unary(cos, { from: -4, to: 4 }),
  log: unary(log, positive),
  log1p: unary(log1p, positive),
  sqrt: unary(sqrt, positive),
  pow: unary((x) => pow(x, 1.5), positive),
  sign: unary(sign, {}, false),
  round: unary(round, { from: -20, to: 20 }, false),
  clone: unary(clone),
  isFinite: unary((x) => isFinite(log(x)), {}, false),
  clipByValue: unary((x) => clipByValue(x, -1, 1)),

  add: binary(add),
  sub: binary(sub),
  mul: binary(mul),
  div: binary(div, positive),
  maximum: extremum(maximum),
  minimum: extremum(minimum),
  addN: [
    { inputs: [{ shape: [129, 67] }, { shape: [129, 67] }, { shape: [129, 67] }], f: (...x) => addN(x) },
    { inputs: [{ shape: [] }, { shape: [] }], f: (...x) => addN(x) },
    ...of([[7], (x) => addN([x])]),
  ],
  greater: comparison(greater),
  greaterEqual: comparison(greaterEqual),
  less: comparison(less),
  lessEqual: comparison(lessEqual),
  equal: comparison(equal),
  notEqual: comparison(notEqual),
  logicalAnd: PAIRS.map(([a, b]) => ({
    inputs: [a, b].map((shape) => ({ shape, dtype: 'bool', from: 0, to: 2 })),
    f: (x, y) => logicalAnd(x!, y!),
    gradient: false,
  })),
};
