import { fold, key, release, scoped, sizeOf, uniforms, type Shape } from '@impflow/core';
import { tensor, type DataType, type Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { expectAgreement } from '../agree.ts';

/** A tensor, read to the host. */
export interface Numbers {
  /** Shape of the tensor. */
  readonly shape: Shape;
  /** Type of the tensor. */
  readonly dtype: DataType;
  /** Numbers in the tensor, row-major. */
  readonly values: readonly number[];
}

/** Description of a random tensor, which has the same numbers on every backend. */
export interface Input {
  /** Shape of the tensor. */
  readonly shape: Shape;
  /** Type of the tensor. Default `float32`. */
  readonly dtype?: 'float32' | 'int32' | 'bool';
  /** Least number. Default -1.5; `bool` needs 0. */
  readonly from?: number;
  /** Upper end, excluded for integers. Default 2.5; `bool` needs 2. */
  readonly to?: number;
}

/** Draws a tensor on the host. */
export const drawn = ({ shape, dtype = 'float32', from = -1.5, to = 2.5 }: Input, seed: number): Tensor => {
  const draw = Float32Array.from(uniforms(fold(key(71), seed), sizeOf(shape)), (u) =>
    dtype === 'float32' ? from + (to - from) * u : Math.floor(from + (to - from) * u),
  );
  return tensor(draw, [...shape], dtype);
};

/** Runs `body` in a scope and reads its tensors by awaiting, because some backends have no synchronous reads. */
export const computed = async (body: () => readonly Tensor[]): Promise<readonly Numbers[]> => {
  const tensors = scoped(body);
  try {
    return await Promise.all(
      tensors.map(async (t): Promise<Numbers> => ({ shape: t.shape, dtype: t.dtype, values: [...(await t.data())] })),
    );
  } finally {
    release(tensors);
  }
};

/** Runs `body` in a scope and returns the numbers of its tensor. */
export const valuesOf = async (body: () => Tensor): Promise<readonly number[]> =>
  (await computed(() => [body()]))[0]!.values;

/**
 * Checks that shapes and types agree, that NaN and infinities agree exactly, and that all other numbers differ by at
 * most `precision * max(1, m)`, where `m` is the largest finite absolute value in `wanted`.
 */
export const expectClose = (got: Numbers, wanted: Numbers, precision: number, what: string): void => {
  expect({ what, shape: got.shape, dtype: got.dtype }).toEqual({ what, shape: wanted.shape, dtype: wanted.dtype });
  const size = wanted.values.reduce(
    (most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most),
    1,
  );
  expectAgreement(got.values, wanted.values, { what, width: wanted.shape.at(-1) ?? 1, tolerance: precision * size });
};
