import type { Tensor } from '@tensorflow/tfjs-core';
import { FlowError } from './errors.ts';

/** Shape of an event, without the batch dimension. */
export type Shape = readonly number[];

/** A batch-first, shape-preserving map `[B, ...event] -> [B, ...event]`. */
export type TensorMap = (x: Tensor) => Tensor;

/** Tensors by name, in a stable order. */
export type NamedTensors = Readonly<Record<string, Tensor>>;

/** Returns the number of elements of an event. */
export const sizeOf = (event: Shape): number => event.reduce((product, n) => product * n, 1);

/** Throws a `shape` error if the shape of `x` is not `[B, ...event]`. */
export const assertShape = (at: string, x: Tensor, event: Shape): void => {
  if (x.rank === event.length + 1 && event.every((n, i) => n === x.shape[i + 1])) return;
  throw new FlowError('shape', at, 'Wrong input shape', {
    expected: `[B, ${event.join(', ')}]`,
    got: `[${x.shape.join(', ')}]`,
  });
};
