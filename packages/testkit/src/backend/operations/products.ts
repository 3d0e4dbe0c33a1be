import type { Shape } from '@impflow/core';
import { matMul } from '@tensorflow/tfjs-core';
import type { Case } from './case.ts';

const flags = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;
const product = (batch: Shape, sizes: readonly (readonly [number, number, number])[]): readonly Case[] =>
  sizes.flatMap(([m, k, n]) =>
    flags.map(([a, b]): Case => ({
      inputs: [{ shape: [...batch, ...(a ? [k, m] : [m, k])] }, { shape: [...batch, ...(b ? [n, k] : [k, n])] }],
      f: (x, y) => matMul(x!, y!, a, b),
    })),
  );

/** Products of matrices. */
export const products: Readonly<Record<string, readonly Case[]>> = {
  matMul: product(
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
    ...product(
      [50],
      [
        [3, 3, 3],
        [1, 3, 3],
        [7, 5, 1],
      ],
    ),
    ...product([2], [[65, 33, 17]]),
    ...product([2, 3], [[4, 5, 6]]),
  ],
};
