import { onBackend } from '@impflow/testkit';
import { searchSorted, tensor2d } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { cpuBuild } from '../../src/tensorflow.ts';

onBackend(cpuBuild());

it.each([
  [
    'left',
    [
      [0, 1, 2, 4],
      [0, 0, 2, 4],
    ],
  ],
  [
    'right',
    [
      [0, 2, 3, 4],
      [0, 2, 2, 4],
    ],
  ],
] as const)('`searchSorted` with side `%s` returns the right indices', (side, expected) => {
  const sorted = tensor2d([
    [-1, 0, 0.5, 2],
    [3, 3, 5, 8],
  ]);
  const found = searchSorted(
    sorted,
    tensor2d([
      [-2, 0, 0.5, 2.5],
      [2, 3, 4, 9],
    ]),
    side,
  );
  expect(found.dtype).toBe('int32');
  expect(found.arraySync()).toEqual(expected);
});
