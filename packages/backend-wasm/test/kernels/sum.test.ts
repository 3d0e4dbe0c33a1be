import { wasm } from '@impflow/backend-wasm';
import { onBackend } from '@impflow/testkit';
import { randomUniform, sum, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { BUILDS } from '../../../testkit/private/extent.mjs';

/** Returns the sums over the given axes and the sums of the magnitudes, in float64. */
const exact = (x: Tensor, axes: readonly number[]): { readonly value: number[]; readonly scale: number[] } => {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const size = kept.reduce((p, axis) => p * x.shape[axis]!, 1);
  const value = Array.from({ length: size }, () => 0),
    scale = [...value];
  x.dataSync().forEach((element, i) => {
    const index = x.shape.map(
      (_, axis) => Math.floor(i / x.shape.slice(axis + 1).reduce((p, q) => p * q, 1)) % x.shape[axis]!,
    );
    const to = kept.reduce((p, axis) => p * x.shape[axis]! + index[axis]!, 0);
    value[to]! += element;
    scale[to]! += Math.abs(element);
  });
  return { value, scale };
};

describe.each(BUILDS)('sums with the %s build', (simd) => {
  onBackend(wasm({ simd }));

  it.each([
    [[5], [0]],
    [[16], [0]],
    [[4099], [0]],
    [[70000], [0]],
    [[1000, 2], [0]],
    [[1000, 2], [1]],
    [[300, 43], [0]],
    [[300, 43], [1]],
    [[259, 128], [0]],
    [[259, 128], [1]],
    [
      [33, 17],
      [0, 1],
    ],
    [[4, 5, 6], [0]],
    [[4, 5, 6], [1]],
    [[4, 5, 6], [2]],
    [
      [4, 5, 6],
      [0, 1],
    ],
    [
      [4, 5, 6],
      [1, 2],
    ],
    [
      [4, 5, 6],
      [0, 2],
    ],
    [
      [4, 5, 6],
      [2, 1],
    ],
    [[4, 5, 18], [-2]],
    [
      [2, 3, 20, 4],
      [1, 2],
    ],
    [
      [2, 3, 4, 5],
      [0, 1, 2, 3],
    ],
  ] as const)('sums of a tensor of shape %j over axes %j agree with float64', (shape, axes) =>
    tidy(() => {
      const x = randomUniform([...shape], -1, 1, 'float32', 3);
      const positive = axes.map((axis) => (axis + shape.length) % shape.length);
      const { value, scale } = exact(x, positive);
      const result = sum(x, [...axes]);
      expect(result.shape).toEqual(shape.filter((_, axis) => !positive.includes(axis)));
      // Numbers are summed in blocks, so the rounding error is far smaller than if each number were added to a single
      // sum.
      result
        .dataSync()
        .forEach((found, i) => expect(Math.abs(found - value[i]!)).toBeLessThanOrEqual(140 * 2 ** -24 * scale[i]!));
      const kept = sum(x, [...axes], true);
      expect(kept.shape).toEqual(shape.map((length, axis) => (positive.includes(axis) ? 1 : length)));
      expect([...kept.dataSync()]).toEqual([...result.dataSync()]);
    }),
  );

  it('the sum over an empty axis is 0, and the sum of a scalar is the scalar', () =>
    tidy(() => {
      expect([...sum(tensor([], [0, 3]), 0).dataSync()]).toEqual([0, 0, 0]);
      expect([...sum(tensor([], [2, 0])).dataSync()]).toEqual([0]);
      expect(sum(tensor([], [0, 3]), 1).shape).toEqual([0]);
      expect(sum(tensor(3)).dataSync()[0]).toBe(3);
    }));

  it('sums of integers and booleans are integers', () =>
    tidy(() => {
      const integers = sum(tensor([2 ** 24, 1, 2, 3], [2, 2], 'int32'), 0);
      expect(integers.dtype).toBe('int32');
      expect([...integers.dataSync()]).toEqual([2 ** 24 + 2, 4]);
      expect(sum(tensor([true, false, true], [3], 'bool')).dataSync()[0]).toBe(2);
    }));

  it('sums propagate NaN and Infinity', () =>
    tidy(() => {
      expect([
        ...sum(tensor([NaN, 1, 2, Infinity, 3, Infinity, -Infinity, 4, Infinity], [3, 3]), 0).dataSync(),
      ]).toEqual([NaN, 8, Infinity]);
      expect([...sum(tensor([NaN, 1, 2, Infinity, 3, 4, Infinity, 4, -Infinity], [3, 3]), 1).dataSync()]).toEqual([
        NaN,
        Infinity,
        NaN,
      ]);
    }));
});
