import { offTape } from '@impflow/core';
import {
  addN,
  broadcastTo,
  concat,
  expandDims,
  gather,
  greater,
  mul,
  pad,
  reshape,
  slice,
  squeeze,
  stack,
  tensor,
  tensorScatterUpdate,
  tile,
  topk,
  transpose,
  unstack,
  where,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { forward, index, of, type Case } from './case.ts';

const mask = (size: number): Tensor =>
  tensor(
    Uint8Array.from({ length: size }, (_, i) => (i % 3 === 0 ? 1 : 0)),
    [size],
    'bool',
  );
const rowMask = (rows: number, rank: number): Tensor =>
  reshape(mask(rows), [rows, ...Array.from({ length: rank - 1 }, () => 1)]);

/** Operations that move, repeat, choose and order numbers. */
export const arrangement: Readonly<Record<string, readonly Case[]>> = {
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
};
