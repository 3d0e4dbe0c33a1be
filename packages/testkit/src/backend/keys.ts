import {
  bits,
  fold,
  fromRow,
  key,
  drawNormal,
  drawPermutation,
  drawRademacher,
  drawUniform,
  type Key,
  type Shape,
} from '@impflow/core';
import { computed } from './numbers.ts';

const KEYS: readonly Key[] = [key(0), key(2 ** 40 + 7), fold(key(1), 3), fromRow(key(5), 3)];
const SHAPES: readonly Shape[] = [[], [1], [7], [300, 1], [129, 67], [3, 50, 7], [2, 3, 5, 4]];

const tensors =
  (draw: (k: Key, shape: Shape) => ReturnType<typeof drawNormal>) =>
  async (): Promise<readonly (readonly number[])[]> =>
    (await computed(() => KEYS.flatMap((k) => SHAPES.map((shape) => draw(k, shape))))).map(({ values }) => values);
const numbers =
  (draw: (k: Key, count: number) => ArrayLike<number>) => async (): Promise<readonly (readonly number[])[]> =>
    KEYS.flatMap((k) => [0, 1, 7, 1000].map((count) => Array.from(draw(k, count))));

/** Draws for some keys. The bits of the draws must be equal on all backends. */
export const DRAWS: Readonly<Record<string, () => Promise<readonly (readonly number[])[]>>> = {
  uniform: tensors((k, shape) => drawUniform(k, shape)),
  'uniform between bounds': tensors((k, shape) => drawUniform(k, shape, -3, 0.5)),
  normal: tensors(drawNormal),
  rademacher: tensors(drawRademacher),
  bits: numbers(bits),
  permutation: numbers(drawPermutation),
};
