import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * One call for which two backends must return the same result, and the same gradient with respect to every float input.
 */
export interface Case {
  readonly name: string;
  readonly inputs: readonly Input[];
  readonly f: (...inputs: Tensor[]) => Tensor;
  /** Whether the gradient is compared in addition to the result. Default: true if all inputs are floats. */
  readonly gradient?: boolean;
  /** Largest allowed difference, relative to the largest entry (at least 1). Default 1e-5. */
  readonly precision?: number;
}

interface Input {
  readonly shape: readonly number[];
  readonly dtype?: 'float32' | 'int32' | 'bool';
  readonly from?: number;
  readonly to?: number;
  readonly values?: readonly number[];
}

const of = (shape: readonly number[], from = -2, to = 2): Input => ({ shape, from, to });
const ints = (shape: readonly number[], from: number, to: number): Input => ({ shape, dtype: 'int32', from, to });
const bools = (shape: readonly number[]): Input => ({ shape, dtype: 'bool', from: 0, to: 2 });

/** Returns the numbers of an input of a case. The numbers do not depend on the backend. */
export const valuesOf = (
  { shape, dtype = 'float32', from = -2, to = 2, values }: Input,
  seed: number,
): Float32Array | Int32Array | Uint8Array => {
  const size = shape.reduce((product, n) => product * n, 1);
  let state = seed * 7919 + 17;
  const draw = (): number => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
  const drawn = Array.from(
    { length: size },
    (_, i) =>
      values?.[i] ?? (dtype === 'float32' ? from + (to - from) * draw() : Math.floor(from + (to - from) * draw())),
  );
  return dtype === 'float32'
    ? Float32Array.from(drawn)
    : dtype === 'int32'
      ? Int32Array.from(drawn)
      : Uint8Array.from(drawn);
};

const SHAPES: readonly (readonly number[])[] = [[], [1], [5], [0], [3, 7], [0, 3], [2, 3, 5], [2, 1, 4, 5], [1031]];
const SPECIAL = [Number.NaN, Infinity, -Infinity, 0, -0, 1e-30, -1e-30, 1e-4, 20, -20, 88, -88, 1000, -1000];

const unary: readonly Case[] = Object.entries({
  sin: tf.sin,
  cos: tf.cos,
  tanh: tf.tanh,
  exp: tf.exp,
  log: tf.log,
  sigmoid: tf.sigmoid,
  softplus: tf.softplus,
  erf: tf.erf,
  elu: tf.elu,
}).flatMap(([name, f]): Case[] => [
  ...SHAPES.map((shape): Case => ({
    name: `${name} [${shape.join(',')}]`,
    inputs: [name === 'log' ? of(shape, 0.1, 4) : of(shape, -4, 4)],
    f,
  })),
  {
    name: `${name} of NaN, Infinity, zeros, tiny and large`,
    inputs: [{ shape: [SPECIAL.length], values: SPECIAL }],
    f,
    gradient: false,
  },
  { name: `${name} of integers`, inputs: [ints([5], name === 'log' ? 1 : -3, 4)], f: (x) => f(tf.cast(x, 'float32')) },
]);

const flags = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;
const flip = (m: number, n: number, flipped: boolean): number[] => (flipped ? [n, m] : [m, n]);
const matMul: readonly Case[] = [
  ...[
    [1, 1, 1],
    [3, 5, 7],
    [6, 8, 16],
    [13, 1, 9],
    [1, 7, 1],
    [33, 17, 2],
    [2, 43, 6],
    [43, 6, 2],
    [25, 300, 11],
    [7, 3, 530],
    [0, 3, 4],
    [3, 4, 0],
  ].flatMap(([m, k, n]) =>
    flags.map(([a, b]): Case => ({
      name: `matMul [${m},${k}] x [${k},${n}]${a ? ', left transposed' : ''}${b ? ', right transposed' : ''}`,
      inputs: [of(flip(m!, k!, a)), of(flip(k!, n!, b))],
      f: (x, y) => tf.matMul(x!, y!, a, b),
    })),
  ),
  ...flags.map(([a, b]): Case => ({
    name: `matMul, batches [2,2]${a ? ', left transposed' : ''}${b ? ', right transposed' : ''}`,
    inputs: [of([2, 2, ...flip(3, 4, a)]), of([2, 2, ...flip(4, 5, b)])],
    f: (x, y) => tf.matMul(x!, y!, a, b),
  })),
  // If a batch is broadcast, tfjs returns a gradient with a wrong shape: the shape of the product. So only the product
  // is compared, without its gradient.
  {
    name: 'matMul, left batch broadcast',
    inputs: [of([1, 3, 4]), of([5, 4, 2])],
    f: (x, y) => tf.matMul(x!, y!),
    gradient: false,
  },
  {
    name: 'matMul, right batch broadcast',
    inputs: [of([5, 3, 4]), of([1, 4, 2])],
    f: (x, y) => tf.matMul(x!, y!),
    gradient: false,
  },
  { name: 'matMul, no depth', inputs: [of([3, 0]), of([0, 4])], f: (x, y) => tf.matMul(x!, y!), gradient: false },
];

const fusedMatMul: readonly Case[] = (['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu'] as const).flatMap(
  (activation) =>
    flags.flatMap(([a, b]) =>
      [true, false].map((bias): Case => ({
        name: `fused.matMul ${activation}${bias ? ', bias' : ''}${a ? ', left transposed' : ''}${b ? ', right transposed' : ''}`,
        inputs: [of(flip(5, 6, a)), of(flip(6, 9, b)), ...(bias ? [of([9])] : [])],
        f: (x, y, z) =>
          tf.fused.matMul({
            a: x!,
            b: y!,
            transposeA: a,
            transposeB: b,
            activation,
            ...(z === undefined ? {} : { bias: z }),
          }) as Tensor,
      })),
    ),
);

const axes = [0, 1, 2, 3]
  .reduce<number[][]>((sets, axis) => [...sets, ...sets.map((set) => [...set, axis])], [[]])
  .filter((set) => set.length > 0);
const sum: readonly Case[] = [
  ...axes.flatMap((axis) =>
    [true, false].map((keep): Case => ({
      name: `sum [2,3,4,5] over ${axis.join(',')}${keep ? ', kept' : ''}`,
      inputs: [of([2, 3, 4, 5])],
      f: (x) => tf.sum(x!, axis, keep),
    })),
  ),
  ...SHAPES.map((shape): Case => ({ name: `sum [${shape.join(',')}]`, inputs: [of(shape)], f: (x) => tf.sum(x!) })),
  { name: 'sum [37,19] over 0', inputs: [of([37, 19])], f: (x) => tf.sum(x!, 0) },
  { name: 'sum [37,19] over 1', inputs: [of([37, 19])], f: (x) => tf.sum(x!, 1) },
  { name: 'sum [0,3] over 0', inputs: [of([0, 3])], f: (x) => tf.sum(x!, 0) },
  { name: 'sum [0,3] over 1', inputs: [of([0, 3])], f: (x) => tf.sum(x!, 1) },
  { name: 'sum of integers', inputs: [ints([4, 5], -9, 9)], f: (x) => tf.sum(x!, 1) },
  { name: 'sum of booleans', inputs: [bools([4, 5])], f: (x) => tf.sum(x!, 0) },
  { name: 'mean [3,4,5] over 0,2', inputs: [of([3, 4, 5])], f: (x) => tf.mean(x!, [0, 2]) },
];

type Conv = (x: tf.Tensor4D, filter: tf.Tensor4D) => Tensor;
type Pair = number | [number, number];
const conv2d: readonly Case[] = (
  [
    [[2, 7, 6, 1], [3, 3, 1, 4], 1, 'same'],
    [[2, 7, 6, 3], [3, 3, 3, 5], 1, 'valid'],
    [[2, 7, 6, 3], [3, 3, 3, 5], 2, 'same'],
    [[1, 8, 9, 4], [2, 4, 4, 7], [1, 2], 'valid'],
    [[2, 5, 5, 16], [3, 3, 16, 8], 1, 'same'],
    [[2, 5, 5, 5], [1, 1, 5, 3], 1, 'same'],
    [[2, 5, 5, 5], [1, 1, 5, 3], 2, 'same'],
    [[2, 6, 6, 2], [5, 5, 2, 3], 1, 'same'],
    [[3, 6, 6, 2], [3, 3, 2, 3], 3, 'valid'],
    [[2, 6, 6, 2], [3, 3, 2, 3], 1, 1],
    [
      [2, 6, 7, 2],
      [3, 2, 2, 3],
      [2, 1],
      [
        [0, 0],
        [1, 0],
        [0, 2],
        [0, 0],
      ],
    ],
    [[1, 3, 3, 2], [3, 3, 2, 4], 1, 'valid'],
  ] as const
).map(([x, filter, strides, pad]): Case => ({
  name: `conv2d [${x.join(',')}] * [${filter.join(',')}], stride ${String(strides)}, ${JSON.stringify(pad)}`,
  inputs: [of(x), of(filter)],
  f: ((a, b) => tf.conv2d(a, b, strides as Pair, pad as never)) as Conv as Case['f'],
}));
const moreConv: readonly Case[] = [
  {
    name: 'conv2d, dilated',
    inputs: [of([2, 9, 9, 3]), of([3, 3, 3, 2])],
    f: ((x, k) => tf.conv2d(x, k, 1, 'valid', 'NHWC', 2)) as Conv as Case['f'],
    gradient: false,
  },
  {
    name: 'conv1d',
    inputs: [of([2, 9, 3]), of([3, 3, 4])],
    f: (x, k) => tf.conv1d(x as tf.Tensor3D, k as tf.Tensor3D, 2, 'same'),
  },
  {
    name: 'conv2dTranspose',
    inputs: [of([2, 4, 4, 3]), of([3, 3, 2, 3])],
    f: ((x, k) => tf.conv2dTranspose(x, k, [2, 8, 8, 2], 2, 'same')) as Conv as Case['f'],
  },
  // conv2dTranspose reads only the part of the input that is within the size of the output.
  {
    name: 'conv2dTranspose, input larger than the output',
    inputs: [of([2, 8, 8, 3]), of([4, 4, 2, 3])],
    f: ((x, k) => tf.conv2dTranspose(x, k, [2, 4, 4, 2], 1, 'same')) as Conv as Case['f'],
    gradient: false,
  },
  {
    name: 'separableConv2d',
    inputs: [of([2, 6, 6, 3]), of([3, 3, 3, 2]), of([1, 1, 6, 4])],
    f: (x, d, p) => tf.separableConv2d(x as tf.Tensor4D, d as tf.Tensor4D, p as tf.Tensor4D, 1, 'same'),
  },
  {
    name: 'fused.conv2d, bias',
    inputs: [of([2, 6, 6, 3]), of([3, 3, 3, 4]), of([4])],
    f: (x, filter, bias) =>
      tf.fused.conv2d({ x: x as tf.Tensor4D, filter: filter as tf.Tensor4D, bias: bias!, strides: 1, pad: 'same' }),
  },
  {
    name: 'fused.conv2d, bias, relu',
    inputs: [of([2, 6, 6, 3]), of([3, 3, 3, 4]), of([4])],
    f: (x, filter, bias) =>
      tf.fused.conv2d({
        x: x as tf.Tensor4D,
        filter: filter as tf.Tensor4D,
        bias: bias!,
        strides: 2,
        pad: 'same',
        activation: 'relu',
      }),
  },
];
const depthwise: readonly Case[] = (
  [
    [[2, 6, 5, 1], [3, 3, 1, 1], 1, 'same'],
    [[2, 6, 5, 3], [3, 3, 3, 1], 1, 'same'],
    [[2, 7, 7, 4], [3, 3, 4, 1], 2, 'valid'],
    [[2, 6, 5, 9], [2, 3, 9, 1], 1, 'valid'],
    [[2, 6, 5, 3], [3, 3, 3, 2], 1, 'same'],
    [[2, 7, 6, 4], [3, 3, 4, 3], 2, 'same'],
    [[1, 5, 6, 16], [3, 3, 16, 1], 1, 'same'],
    [[1, 3, 3, 5], [5, 5, 5, 1], 1, 'same'],
  ] as const
).map(([x, filter, strides, pad]): Case => ({
  name: `depthwiseConv2d [${x.join(',')}] * [${filter.join(',')}], stride ${strides}, ${pad}`,
  inputs: [of(x), of(filter)],
  f: ((a, b) => tf.depthwiseConv2d(a, b, strides, pad)) as Conv as Case['f'],
}));

type Image = (x: tf.Tensor4D) => Tensor;
const pools: readonly Case[] = (
  [
    ['max', tf.maxPool],
    ['avg', tf.avgPool],
  ] as const
).flatMap(([name, pool]) =>
  (
    [
      [2, 2, 'valid'],
      [3, 2, 'same'],
      [[2, 3], [1, 2], 'valid'],
      [3, 1, 'same'],
      [2, 2, 0],
    ] as const
  ).map(([size, strides, pad]): Case => ({
    name: `${name}Pool ${String(size)}, stride ${String(strides)}, ${pad}`,
    inputs: [of([2, 7, 6, 5])],
    f: ((x) => pool(x, size as Pair, strides as Pair, pad)) as Image as Case['f'],
  })),
);

const index = (values: readonly number[], shape: readonly number[] = [values.length]): Tensor =>
  tf.tensor([...values], [...shape], 'int32');
const gather: readonly Case[] = [
  ...[0, 1, 2, -1].map((axis): Case => ({
    name: `gather along ${axis}`,
    inputs: [of([4, 5, 6])],
    f: (x) => tf.gather(x!, index([3, 0, 3, 1]), axis),
  })),
  {
    name: 'gather, indices [2,3]',
    inputs: [of([4, 5])],
    f: (x) => tf.gather(x!, index([3, 0, 3, 1, 1, 2], [2, 3]), 0),
    gradient: false,
  },
  {
    name: 'gather, batchDims 1',
    inputs: [of([2, 3, 4])],
    f: (x) => tf.gather(x!, index([2, 0, 1, 1, 0, 0], [2, 3]), 1, 1),
    gradient: false,
  },
  {
    name: 'gather, batchDims 1 along 2',
    inputs: [of([2, 3, 4])],
    f: (x) => tf.gather(x!, index([3, 0, 1, 1, 2, 2], [2, 3]), 2, 1),
    gradient: false,
  },
  {
    name: 'gather, batchDims 2',
    inputs: [of([2, 2, 5])],
    f: (x) => tf.gather(x!, index([0, 4, 3, 3, 2, 1, 4, 0], [2, 2, 2]), 2, 2),
    gradient: false,
  },
  { name: 'gather nothing', inputs: [of([4, 5])], f: (x) => tf.gather(x!, index([], [0])), gradient: false },
  { name: 'gather integers', inputs: [ints([4, 3], -9, 9)], f: (x) => tf.gather(x!, index([3, 1]), 1 - 1) },
  { name: 'gather booleans', inputs: [bools([4, 3])], f: (x) => tf.gather(x!, index([2, 1, 1]), 1) },
  { name: 'gather wide rows', inputs: [of([5, 201])], f: (x) => tf.gather(x!, index([4, 4, 0])) },
  {
    name: 'unsortedSegmentSum',
    inputs: [of([5, 7])],
    f: (x) => tf.unsortedSegmentSum(x!, index([2, 0, 2, -1, 1]) as tf.Tensor1D, 4),
  },
];

// tfjs has no gradient of einsum.
const einsum: readonly Case[] = (
  [
    ['ij,jk->ik', [3, 4], [4, 5]],
    ['ij,kj->ik', [3, 4], [5, 4]],
    ['ji,jk->ik', [4, 3], [4, 5]],
    ['ij,jk->ki', [3, 4], [4, 5]],
    ['ij->ji', [3, 4]],
    ['ij->ij', [3, 4]],
    ['ij->', [3, 4]],
    ['ijk->j', [2, 3, 4]],
    ['bij,bjk->bik', [2, 3, 4], [2, 4, 5]],
    ['i,j->ij', [3], [4]],
    ['ijk,jl->ilk', [2, 3, 4], [3, 5]],
    ['i,i->', [6], [6]],
    ['ij,ij->i', [3, 4], [3, 4]],
    ['ij,j->i', [3, 4], [4]],
    ['abc,cd->bad', [2, 3, 4], [4, 5]],
    ['abcd,aecd->acbe', [2, 3, 2, 4], [2, 5, 2, 4]],
    ['acbe,aecd->abcd', [2, 2, 3, 5], [2, 5, 2, 4]],
    ['ij,kl->ijkl', [2, 3], [3, 2]],
    ['ij,jk->i', [3, 4], [4, 5]],
    [',i->i', [], [4]],
    ['ij,jk->ik', [0, 4], [4, 5]],
  ] as const
).map(([equation, ...shapes]): Case => ({
  name: `einsum ${equation} [${shapes.map((shape) => shape.join(',')).join('] [')}]`,
  inputs: shapes.map((shape) => of(shape)),
  f: (...x) => tf.einsum(equation, ...x),
  gradient: false,
}));

const where: readonly Case[] = [
  ...SHAPES.map((shape): Case => ({
    name: `where [${shape.join(',')}]`,
    inputs: [bools(shape), of(shape), of(shape)],
    f: (c, a, b) => tf.where(c!, a!, b!),
  })),
  {
    name: 'where, gradient',
    inputs: [of([3, 7]), of([3, 7])],
    f: (a, b) => tf.where(tf.tensor([1, 0, 0, 1, 1, 0, 1], [1, 7], 'bool'), a!, b!),
  },
  { name: 'where, all broadcast', inputs: [bools([3, 1]), of([1, 4]), of([])], f: (c, a, b) => tf.where(c!, a!, b!) },
  {
    name: 'where, integers',
    inputs: [bools([9]), ints([9], -5, 5), ints([9], -5, 5)],
    f: (c, a, b) => tf.where(c!, a!, b!),
  },
  { name: 'where, booleans', inputs: [bools([9]), bools([9]), bools([9])], f: (c, a, b) => tf.where(c!, a!, b!) },
  {
    name: 'where, an integer and a float',
    inputs: [bools([9]), ints([9], -5, 5), of([9])],
    f: (c, a, b) => tf.where(c!, a!, b!),
  },
];

const tile: readonly Case[] = (
  [
    [[3], [2]],
    [
      [2, 3],
      [2, 3],
    ],
    [
      [1, 1, 1, 3],
      [2, 4, 4, 1],
    ],
    [
      [2, 1, 3],
      [1, 5, 2],
    ],
    [
      [1, 5],
      [7, 1],
    ],
    [
      [5, 1],
      [1, 7],
    ],
    [
      [2, 1, 1, 2],
      [3, 2, 2, 3],
    ],
    [
      [2, 3],
      [1, 1],
    ],
    [[], []],
    [
      [0, 3],
      [2, 2],
    ],
    [
      [1, 1, 4, 1],
      [1, 3, 1, 2],
    ],
  ] as const
).map(([shape, reps]): Case => ({
  name: `tile [${shape.join(',')}] by ${reps.join(',')}`,
  inputs: [of(shape)],
  f: (x) => tf.tile(x!, [...reps]),
  gradient: shape.length > 0 && !shape.includes(0 as never),
}));
const moreTile: readonly Case[] = [
  { name: 'tile integers', inputs: [ints([2, 3], -9, 9)], f: (x) => tf.tile(x!, [2, 2]) },
  { name: 'tile booleans', inputs: [bools([3, 5])], f: (x) => tf.tile(x!, [3, 2]) },
  { name: 'broadcastTo', inputs: [of([4, 1])], f: (x) => tf.broadcastTo(x!, [3, 4, 5]) },
];

const NUMBERS = [Number.NaN, Infinity, -Infinity, 0, -0, 0.4, 3, -2.5, 1e-10, 7, 1e30];
const special: Input = { shape: [NUMBERS.length], values: NUMBERS };
const edges: readonly Case[] = [
  { name: 'mean of no rows', inputs: [of([0, 3])], f: (x) => tf.mean(x!, 0), gradient: false },
  { name: 'mean of no rows, keepDims', inputs: [of([2, 0, 3])], f: (x) => tf.mean(x!, 1, true), gradient: false },
  { name: 'mean over empty rows', inputs: [of([4, 0])], f: (x) => tf.mean(x!, 0), gradient: false },
  {
    name: 'clipByValue of NaN and infinities',
    inputs: [special],
    f: (x) => tf.clipByValue(x!, -1, 2),
    gradient: false,
  },
  { name: 'clipByValue [37]', inputs: [of([37])], f: (x) => tf.clipByValue(x!, -1, 0.5) },
  { name: 'relu6 of NaN and infinities', inputs: [special], f: (x) => tf.relu6(x!), gradient: false },
  { name: 'cast to bool', inputs: [special], f: (x) => tf.cast(x!, 'bool') },
  { name: 'cast integers to bool', inputs: [ints([9], -3, 4)], f: (x) => tf.cast(x!, 'bool') },
  ...(['float32', 'int32', 'bool'] as const).map((dtype): Case => ({
    name: `oneHot of ${dtype}`,
    inputs: [ints([2, 5], -1, 5)],
    f: (x) => tf.oneHot(x!, 4, 1, 0, dtype),
  })),
  { name: 'oneHot of fractions', inputs: [ints([5], 0, 4)], f: (x) => tf.oneHot(x!, 4, 0.9, 0.025, 'float32') },
  {
    name: 'avgPool of NaN and infinities',
    inputs: [{ shape: [1, 4, 4, 1], values: [1, 2, Number.NaN, 3, 4, 5, 6, 7, Infinity, 1, 1, 1, 2, 2, -Infinity, 2] }],
    f: ((x) => tf.avgPool(x, 2, 2, 'valid')) as Image as Case['f'],
    gradient: false,
  },
  {
    name: 'avgPool of many channels',
    inputs: [of([2, 9, 8, 21])],
    f: ((x) => tf.avgPool(x, 3, 2, 'same')) as Image as Case['f'],
  },
  {
    name: 'avgPool, windows that do not fit',
    inputs: [of([1, 7, 7, 2])],
    f: ((x) => tf.avgPool(x, 3, 3, 1, 'floor')) as Image as Case['f'],
  },
];

/** Operations that run the kernels of tfjs. These operations are tested because training needs their gradients. */
const others: readonly Case[] = [
  {
    name: 'batchNorm',
    inputs: [of([2, 4, 4, 3]), of([3]), of([3], 0.5, 2), of([3]), of([3])],
    f: (x, mean, variance, offset, scale) =>
      tf.batchNorm(x!, mean as tf.Tensor1D, variance as tf.Tensor1D, offset as tf.Tensor1D, scale as tf.Tensor1D, 1e-3),
  },
  { name: 'moments', inputs: [of([4, 3, 5])], f: (x) => tf.stack(Object.values(tf.moments(x!, [0, 1])) as Tensor[]) },
  {
    name: 'softmaxCrossEntropy',
    inputs: [of([6, 10])],
    f: (x) => tf.losses.softmaxCrossEntropy(tf.oneHot(index([1, 0, 9, 3, 3, 5]), 10), x!),
  },
  { name: 'logSoftmax', inputs: [of([6, 10])], f: (x) => tf.logSoftmax(x!) },
  { name: 'softmax', inputs: [of([6, 10])], f: (x) => tf.softmax(x!) },
  {
    name: 'relu, relu6, leakyRelu, selu, prelu',
    inputs: [of([30], -8, 8)],
    f: (x) => tf.addN([tf.relu(x!), tf.relu6(x!), tf.leakyRelu(x!, 0.1), tf.selu(x!), tf.prelu(x!, tf.scalar(0.3))]),
  },
  {
    name: 'localResponseNormalization',
    inputs: [of([2, 3, 3, 8])],
    f: (x) => tf.localResponseNormalization(x as tf.Tensor4D, 2),
  },
  { name: 'resizeBilinear', inputs: [of([2, 4, 4, 3])], f: (x) => tf.image.resizeBilinear(x as tf.Tensor4D, [7, 6]) },
  // The cpu backend computes wrong gradients of resizeNearestNeighbor, and of resizeBilinear if height and width
  // differ.
  {
    name: 'resizeNearestNeighbor',
    inputs: [of([2, 4, 5, 3])],
    f: (x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [8, 10]),
    gradient: false,
  },
  {
    name: 'conv3d',
    inputs: [of([1, 4, 4, 4, 2]), of([2, 2, 2, 2, 3])],
    f: (x, k) => tf.conv3d(x as tf.Tensor5D, k as tf.Tensor5D, 1, 'same'),
    gradient: false,
  },
  {
    name: 'conv3d, gradient',
    inputs: [of([1, 4, 4, 4, 2]), of([2, 2, 2, 2, 3])],
    f: (x, k) => tf.conv3d(x as tf.Tensor5D, k as tf.Tensor5D, 1, 'same'),
  },
  { name: 'maxPool3d', inputs: [of([1, 4, 4, 4, 2])], f: (x) => tf.maxPool3d(x as tf.Tensor5D, 2, 2, 'valid') },
  { name: 'avgPool3d', inputs: [of([1, 4, 4, 4, 2])], f: (x) => tf.avgPool3d(x as tf.Tensor5D, 2, 2, 'valid') },
  {
    name: 'dilation2d',
    inputs: [of([1, 6, 6, 2]), of([3, 3, 2])],
    f: (x, k) => tf.dilation2d(x as tf.Tensor4D, k as tf.Tensor3D, 1, 'same'),
  },
  { name: 'cumsum', inputs: [of([3, 6])], f: (x) => tf.cumsum(x!, 1) },
  { name: 'depthToSpace', inputs: [of([1, 2, 2, 8])], f: (x) => tf.depthToSpace(x as tf.Tensor4D, 2), gradient: false },
  {
    name: 'batchToSpaceND',
    inputs: [of([4, 2, 2, 1])],
    f: (x) =>
      tf.batchToSpaceND(
        x!,
        [2, 2],
        [
          [0, 0],
          [0, 0],
        ],
      ),
  },
  {
    name: 'spaceToBatchND',
    inputs: [of([1, 4, 4, 1])],
    f: (x) =>
      tf.spaceToBatchND(
        x!,
        [2, 2],
        [
          [0, 0],
          [0, 0],
        ],
      ),
  },
  {
    name: 'reverse, pad, tile, concat',
    inputs: [of([2, 3])],
    f: (x) =>
      tf.concat(
        [
          tf.reverse(x!, 1),
          tf.slice(
            tf.tile(
              tf.pad(x!, [
                [1, 0],
                [0, 0],
              ]),
              [2, 1],
            ),
            [0, 0],
            [3, 3],
          ),
        ],
        0,
      ),
  },
];

/**
 * All cases: calls of every operation that this package replaces or adds, also with extreme numbers, and trainings that
 * use these operations.
 */
export const cases: readonly Case[] = [
  ...unary,
  ...matMul,
  ...fusedMatMul,
  ...sum,
  ...conv2d,
  ...moreConv,
  ...depthwise,
  ...pools,
  ...gather,
  ...einsum,
  ...where,
  ...tile,
  ...moreTile,
  ...edges,
  ...others,
];
