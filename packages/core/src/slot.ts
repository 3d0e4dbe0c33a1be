import type { DataType } from '@tensorflow/tfjs-core';
import type { Shape } from './tensor.ts';

/** Where a tensor lies in memory outside the backend, in elements of 4 bytes: float32, or int32 (booleans too). Plain data. */
export interface Slot {
  readonly shape: Shape;
  readonly dtype: DataType;
  /** Of its first element. */
  readonly offset: number;
  readonly size: number;
}

/** The elements of a slot, in place. */
export const elementsOf = (memory: ArrayBufferLike, { dtype, offset, size }: Slot): Float32Array | Int32Array =>
  dtype === 'float32' ? new Float32Array(memory, 4 * offset, size) : new Int32Array(memory, 4 * offset, size);
