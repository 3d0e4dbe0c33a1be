import { fold, key, release, scoped, sizeOf, uniforms, type Shape } from '@impflow/core';
import { tensor, type DataType, type Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { expectAgreement } from '../agree.ts';

/** What a tensor holds, on the host. */
export interface Numbers {
  readonly shape: Shape;
  readonly dtype: DataType;
  readonly values: readonly number[];
}

/** A tensor to be made: with the same numbers on every backend. Default: floats in `[-1.5, 2.5]`. */
export interface Input {
  readonly shape: Shape;
  readonly dtype?: 'float32' | 'int32' | 'bool';
  readonly from?: number;
  readonly to?: number;
}

/** Drawn on the host. Whole numbers below `to` for integers; `bool` wants `from` 0 and `to` 2. */
export const drawn = ({ shape, dtype = 'float32', from = -1.5, to = 2.5 }: Input, seed: number): Tensor => {
  const draw = Float32Array.from(uniforms(fold(key(71), seed), sizeOf(shape)), (u) => dtype === 'float32' ? from + (to - from) * u : Math.floor(from + (to - from) * u));
  return tensor(draw, [...shape], dtype);
};

/** The numbers of what `body` computes in a scope of its own, read by waiting: some backends know no other way. */
export const computed = async (body: () => readonly Tensor[]): Promise<readonly Numbers[]> => {
  const tensors = scoped(body);
  try {
    return await Promise.all(tensors.map(async (t): Promise<Numbers> => ({ shape: t.shape, dtype: t.dtype, values: [...await t.data()] })));
  } finally {
    release(tensors);
  }
};

/** The numbers of one tensor. */
export const valuesOf = async (body: () => Tensor): Promise<readonly number[]> => (await computed(() => [body()]))[0]!.values;

/** Shape and type agree; NaN and Infinity exactly, all other numbers within `precision` of the largest, or of 1. */
export const expectClose = (got: Numbers, wanted: Numbers, precision: number, what: string): void => {
  expect({ what, shape: got.shape, dtype: got.dtype }).toEqual({ what, shape: wanted.shape, dtype: wanted.dtype });
  const size = wanted.values.reduce((most, value) => Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most, 1);
  expectAgreement(got.values, wanted.values, { what, width: wanted.shape.at(-1) ?? 1, tolerance: precision * size });
};
