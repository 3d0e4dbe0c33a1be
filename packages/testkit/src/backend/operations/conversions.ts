import {
  add,
  cast,
  eye,
  fill,
  gather,
  greater,
  minimum,
  mul,
  ones,
  onesLike,
  range,
  reshape,
  sum,
  tensor,
  zeros,
  zerosLike,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { forward, index, of, type Case } from './case.ts';

const made = (...makers: readonly (() => Tensor)[]): readonly Case[] =>
  makers.map((f) => ({ inputs: [], f, gradient: false }));

/** Conversions between types, operations on whole numbers, and new tensors. */
export const conversions: Readonly<Record<string, readonly Case[]>> = {
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
