import type { DataType } from '@tensorflow/tfjs-core';
import type { Shape } from './tensor.ts';

/**
 * Position of a tensor in memory outside the backend. Elements have 4 bytes: float32 or int32 (also booleans). Plain
 * data.
 */
export interface Slot {
  /** All dimensions of the tensor. */
  readonly shape: Shape;
  /** Element type of the tensor. */
  readonly dtype: DataType;
  /** Index of the first element of the tensor, in units of 4 bytes. */
  readonly offset: number;
  /** Number of elements. */
  readonly size: number;
}

/** Returns a view of the elements of a slot. */
export const elementsOf = (memory: ArrayBufferLike, { dtype, offset, size }: Slot): Float32Array | Int32Array =>
  dtype === 'float32' ? new Float32Array(memory, 4 * offset, size) : new Int32Array(memory, 4 * offset, size);
