import type { Shape } from '@impflow/core';
import { cumsum, logSoftmax, logSumExp, max, mean, min, norm, sum, type Tensor } from '@tensorflow/tfjs-core';
import { forward, of, type Case } from './case.ts';

const reduction = (
  f: (x: Tensor, axis?: number | number[], keep?: boolean) => Tensor,
  cases: readonly (readonly [Shape, (number | readonly number[])?, boolean?])[],
): readonly Case[] =>
  cases.map(([shape, axis, keep]) => ({
    inputs: [{ shape }],
    f: (x) => f(x!, typeof axis === 'object' ? [...axis] : axis, keep),
  }));

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

/** Operations that reduce an axis. */
export const reductions: Readonly<Record<string, readonly Case[]>> = {
  sum: reduction(sum, SUMS),
  mean: reduction(mean, SUMS),
  max: reduction(max, [[[7]], ...ROWS]),
  min: reduction(min, [[[7]], ...ROWS]),
  norm: reduction((x, axis) => norm(x, 'euclidean', axis), ROWS),
  logSumExp: reduction(logSumExp, ROWS),
  logSoftmax: reduction((x) => logSoftmax(x), [[[129, 67]], [[1, 8]], [[300, 3]]]),
  cumsum: forward(of([[1, 8], (x) => cumsum(x, 1)], [[5, 67], (x) => cumsum(x, 1)])),
};
