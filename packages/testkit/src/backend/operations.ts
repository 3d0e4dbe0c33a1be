import { offTape, type Shape } from '@impflow/core';
import {
  abs,
  add,
  addN,
  broadcastTo,
  cast,
  clipByValue,
  clone,
  concat,
  cos,
  cumsum,
  div,
  elu,
  equal,
  exp,
  expandDims,
  eye,
  fill,
  gather,
  greater,
  greaterEqual,
  isFinite,
  less,
  lessEqual,
  log,
  log1p,
  logicalAnd,
  logSoftmax,
  logSumExp,
  matMul,
  max,
  maximum,
  mean,
  min,
  minimum,
  mul,
  neg,
  norm,
  notEqual,
  ones,
  onesLike,
  pad,
  pow,
  range,
  relu,
  reshape,
  round,
  sigmoid,
  sign,
  sin,
  slice,
  softplus,
  sqrt,
  square,
  squeeze,
  stack,
  sub,
  sum,
  tanh,
  tensor,
  tensor1d,
  tensorScatterUpdate,
  tile,
  topk,
  transpose,
  unstack,
  where,
  zeros,
  zerosLike,
  type Tensor,
} from '@tensorflow/tfjs-core';
import type { Input } from './numbers.ts';

/** A call whose result is compared with that of the reference. */
export interface Case {
  /** The arguments. */
  readonly inputs: readonly Input[];
  /** The operation. */
  readonly f: (...inputs: Tensor[]) => Tensor;
  /** Whether the gradients with respect to all inputs are compared too. Default true. */
  readonly gradient?: boolean;
}

type Unary = (x: Tensor) => Tensor;
type Binary = (x: Tensor, y: Tensor) => Tensor;

// All ranks; single rows, columns and numbers; sizes that no tile of a kernel, texture or workgroup divides.
const SHAPES: readonly Shape[] = [[], [7], [1, 1], [1, 300], [300, 1], [129, 67], [3, 50, 7], [2, 3, 5, 4]];

/** Pairs of shapes that the packages broadcast, and similar ones. */
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
/** Comparisons of integers, so that some are equal. */
const comparison = (f: Binary): readonly Case[] =>
  PAIRS.map(([a, b]) => ({
    inputs: [
      { shape: a, dtype: 'int32', from: -2, to: 3 },
      { shape: b, dtype: 'int32', from: -2, to: 3 },
    ],
    f: (x, y) => f(cast(x!, 'float32'), cast(y!, 'float32')),
    gradient: false,
  }));
const reduction = (
  f: (x: Tensor, axis?: number | number[], keep?: boolean) => Tensor,
  cases: readonly (readonly [Shape, (number | readonly number[])?, boolean?])[],
): readonly Case[] =>
  cases.map(([shape, axis, keep]) => ({
    inputs: [{ shape }],
    f: (x) => f(x!, typeof axis === 'object' ? [...axis] : axis, keep),
  }));
/** Calls with one tensor each. */
const of = (...cases: readonly (readonly [Shape, Unary])[]): readonly Case[] =>
  cases.map(([shape, f]) => ({ inputs: [{ shape }], f: (x) => f(x!) }));
const forward = (cases: readonly Case[]): readonly Case[] => cases.map((each) => ({ ...each, gradient: false }));
const made = (...makers: readonly (() => Tensor)[]): readonly Case[] =>
  makers.map((f) => ({ inputs: [], f, gradient: false }));

const positive = { from: 0.3, to: 3 };
const index = (...places: readonly number[]): Tensor => tensor1d([...places], 'int32');
const mask = (size: number): Tensor =>
  tensor(
    Uint8Array.from({ length: size }, (_, i) => (i % 3 === 0 ? 1 : 0)),
    [size],
    'bool',
  );
const rowMask = (rows: number, rank: number): Tensor =>
  reshape(mask(rows), [rows, ...Array.from({ length: rank - 1 }, () => 1)]);

const flags = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;
const products = (batch: Shape, sizes: readonly (readonly [number, number, number])[]): readonly Case[] =>
  sizes.flatMap(([m, k, n]) =>
    flags.map(([a, b]): Case => ({
      inputs: [{ shape: [...batch, ...(a ? [k, m] : [m, k])] }, { shape: [...batch, ...(b ? [n, k] : [k, n])] }],
      f: (x, y) => matMul(x!, y!, a, b),
    })),
  );

const SUMS = [
  [[]],
  [[7]],
  [[1, 1], 0],
  [[20001]],
  [[129, 67]],
  [[129, 67], 0],
  [[129, 67], 1],
  [[129, 67], 1, true],
  [[300, 3], 0],
  [[300, 3], 1],
  [[300, 1], 1],
  [[1, 300], 0],
  [[3, 50, 7], 0],
  [[3, 50, 7], 1],
  [[3, 50, 7], 2],
  [
    [3, 50, 7],
    [1, 2],
  ],
  [[3, 50, 7], [0, 2], true],
  [
    [2, 3, 5, 4],
    [1, 2],
  ],
  [[2, 3, 5, 4], [3]],
] as const;
const ROWS = [
  [[129, 67], 1],
  [[300, 3], 1],
  [[1, 300], 1],
  [[3, 50, 7], 2],
  [[129, 67], 0],
] as const;

/**
 * The operations that the packages use, this package included. Their gradients run the kernels that only gradients use.
 * Inputs stay where the functions are smooth; the laws of edges cover the rest.
 */
export const OPERATIONS: Readonly<Record<string, readonly Case[]>> = {
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

  sum: reduction(sum, SUMS),
  mean: reduction(mean, SUMS),
  max: reduction(max, [[[7]], ...ROWS]),
  min: reduction(min, [[[7]], ...ROWS]),
  norm: reduction((x, axis) => norm(x, 'euclidean', axis), ROWS),
  logSumExp: reduction(logSumExp, ROWS),
  logSoftmax: reduction((x) => logSoftmax(x), [[[129, 67]], [[1, 8]], [[300, 3]]]),
  cumsum: forward(of([[1, 8], (x) => cumsum(x, 1)], [[5, 67], (x) => cumsum(x, 1)])),

  matMul: products(
    [],
    [
      [1, 1, 1],
      [3, 5, 7],
      [129, 67, 33],
      [300, 3, 2],
      [1, 300, 1],
      [2, 129, 2],
      [64, 128, 128],
      [300, 1, 3],
    ],
  ),
  'matMul, batched': [
    ...products(
      [50],
      [
        [3, 3, 3],
        [1, 3, 3],
        [7, 5, 1],
      ],
    ),
    ...products([2], [[65, 33, 17]]),
    ...products([2, 3], [[4, 5, 6]]),
  ],

  reshape: of(
    [[129, 67], (x) => reshape(x, [-1])],
    [[3, 50, 7], (x) => reshape(x, [150, 7])],
    [[300, 3], (x) => reshape(x, [3, 300])],
    [[1], (x) => reshape(x, [])],
    [[2, 3, 5, 4], (x) => reshape(x, [6, 20])],
  ),
  transpose: of(
    [[129, 67], (x) => transpose(x)],
    [[300, 1], (x) => transpose(x)],
    ...[
      [1, 2, 0],
      [2, 0, 1],
      [0, 2, 1],
      [1, 0, 2],
      [2, 1, 0],
    ].map((order) => [[3, 50, 7], (x: Tensor) => transpose(x, order)] as const),
    [[2, 3, 5, 4], (x) => transpose(x, [0, 2, 3, 1])],
  ),
  'expandDims, squeeze': of(
    [[129, 67], (x) => expandDims(x, 1)],
    [[50, 1, 7], (x) => squeeze(x, [1])],
    [[7], (x) => expandDims(x, -1)],
  ),
  concat: [
    ...[0, 1].map((axis): Case => ({
      inputs: [
        { shape: [129, 67] },
        { shape: axis === 0 ? [1, 67] : [129, 1] },
        { shape: axis === 0 ? [30, 67] : [129, 3] },
      ],
      f: (...x) => concat(x, axis),
    })),
    { inputs: [{ shape: [3, 50, 7] }, { shape: [3, 50, 1] }], f: (...x) => concat(x, 2) },
    { inputs: [{ shape: [300] }, { shape: [7] }], f: (...x) => concat(x, 0) },
  ],
  slice: of(
    [[300], (x) => slice(x, [17], [131])],
    [[129, 67], (x) => slice(x, [1, 64], [128, 3])],
    [[129, 67], (x) => slice(x, [0, 1], [129, 1])],
    [[3, 50, 7], (x) => slice(x, [1, 0, 2], [2, 50, 3])],
    [[2, 3, 5, 4], (x) => slice(x, [0, 1, 2, 3], [2, 1, 3, 1])],
  ),
  stack: [0, 1, 2].map((axis) => ({
    inputs: [{ shape: [129, 67] }, { shape: [129, 67] }, { shape: [129, 67] }],
    f: (...x) => stack(x, axis),
  })),
  unstack: of(
    ...[0, 1].map(
      (axis) => [[5, 3, 67], (x: Tensor) => addN(unstack(x, axis).map((part, i) => mul(part, i + 1)))] as const,
    ),
  ),
  tile: of([[67], (x) => tile(x, [3])], [[5, 67], (x) => tile(x, [3, 2])], [[1, 3, 3], (x) => tile(x, [50, 1, 1])]),
  pad: of(
    [
      [129, 67],
      (x) =>
        pad(x, [
          [1, 0],
          [0, 2],
        ]),
    ],
    [[7], (x) => pad(x, [[2, 1]])],
    [
      [3, 50, 7],
      (x) =>
        pad(x, [
          [0, 0],
          [1, 1],
          [0, 3],
        ]),
    ],
  ),
  broadcastTo: of(
    [[], (x) => broadcastTo(x, [129])],
    [[67], (x) => broadcastTo(x, [129, 67])],
    [[6, 1, 4], (x) => broadcastTo(x, [6, 5, 4])],
  ),
  gather: of(
    [[300], (x) => gather(x, index(299, 0, 17, 17, 128))],
    [[129, 67], (x) => gather(x, index(128, 0, 3, 3))],
    [[129, 67], (x) => gather(x, index(66, 0, 66, 1), 1)],
    [[5, 50, 7], (x) => gather(x, index(4, 4, 0))],
  ),
  where: [
    ...([[7], [129, 67], [3, 50, 7]] as const).map((shape): Case => ({
      inputs: [{ shape }, { shape }],
      f: (x, y) =>
        where(
          offTape(() => greater(x!, y!)),
          x!,
          y!,
        ),
    })),
    ...([[129], [129, 67], [50, 3, 7]] as const).map((shape): Case => ({
      inputs: [{ shape }, { shape }],
      f: (x, y) => where(rowMask(shape[0], shape.length), x!, y!),
    })),
  ],
  tensorScatterUpdate: [
    [300, 3],
    [129, 67],
    [50, 3, 7],
  ].map((shape) => ({
    inputs: [{ shape }, { shape: [3, ...shape.slice(1)] }],
    f: (x, rows) => tensorScatterUpdate(x!, reshape(index(17, 0, 49), [3, 1]), rows!),
    gradient: false,
  })),
  topk: forward(
    of(
      ...(
        [
          [5, 1],
          [5, 2],
          [300, 7],
          [129, 67],
          [1, 300],
        ] as const
      ).flatMap((shape) => [
        [shape, (x: Tensor) => topk(x, shape[1]).values] as const,
        [shape, (x: Tensor) => topk(x, shape[1]).indices] as const,
      ]),
      [[129, 67], (x) => topk(x, 3).values],
    ),
  ),

  cast: [
    ...forward(
      of([[129, 67], (x) => cast(greater(x, 0), 'float32')], [[129, 67], (x) => cast(greater(x, 0), 'int32')]),
    ),
    {
      inputs: [{ shape: [129, 67], dtype: 'int32', from: -1000, to: 1000 }],
      f: (x) => cast(x!, 'float32'),
      gradient: false,
    },
    {
      inputs: [{ shape: [129, 67], dtype: 'int32', from: -1000, to: 1000 }],
      f: (x) => cast(cast(x!, 'float32'), 'int32'),
      gradient: false,
    },
  ],
  'whole numbers': [
    {
      inputs: [{ shape: [50, 7], dtype: 'int32', from: 0, to: 7 }],
      f: (x) => add(x!, reshape(mul(range(0, 50, 1, 'int32'), 7), [50, 1])),
      gradient: false,
    },
    { inputs: [{ shape: [50, 7], dtype: 'int32', from: -9, to: 9 }], f: (x) => sum(x!, 1), gradient: false },
    {
      inputs: [{ shape: [50, 7], dtype: 'bool', from: 0, to: 2 }],
      f: (x) => sum(cast(x!, 'int32'), 1),
      gradient: false,
    },
    {
      inputs: [{ shape: [50], dtype: 'int32', from: 0, to: 9 }],
      f: (x) => minimum(x!, tensor(5, [], 'int32')),
      gradient: false,
    },
    {
      inputs: [{ shape: [50, 7], dtype: 'int32', from: -9, to: 9 }],
      f: (x) => gather(x!, index(49, 3, 3)),
      gradient: false,
    },
  ],
  'zeros, ones, fill, eye, range': [
    ...made(
      () => zeros([129, 67]),
      () => ones([300, 1]),
      () => fill([129], -2.5),
      () => eye(67),
      () => range(0, 300, 1, 'int32'),
      () => zeros([7], 'int32'),
    ),
    ...forward(of([[129, 67], (x) => zerosLike(x)], [[129, 67], (x) => onesLike(x)])),
  ],
};
