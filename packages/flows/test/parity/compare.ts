import type { Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';

/** `|a - b| / |b|`, in the Euclidean norm of the whole tensor. */
export const relative = (got: Tensor, wanted: ArrayLike<number>): number => {
  const values = got.dataSync();
  expect(values.length).toBe(wanted.length);
  let difference = 0;
  let size = 0;
  for (let i = 0; i < values.length; i++) {
    difference += (values[i]! - wanted[i]!) ** 2;
    size += wanted[i]! ** 2;
  }
  return Math.sqrt(difference / Math.max(size, 1e-20));
};

/** The largest absolute difference. */
export const largest = (got: Tensor, wanted: ArrayLike<number | bigint>): number =>
  (got.dataSync() as Float32Array).reduce((worst, value, i) => Math.max(worst, Math.abs(value - Number(wanted[i]!))), 0);
