import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { Machine } from '../machine.ts';

/** An axis of a copy: its number of elements, and its strides in the source (`from`) and in the target (`to`). */
export interface Axis {
  readonly size: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Merges adjacent axes where their strides allow it. The result describes the original copy with as few axes as
 * possible.
 */
export const merged = (axes: readonly Axis[]): readonly Axis[] => {
  const result: Axis[] = [];
  for (const axis of axes) {
    if (axis.size === 1) continue;
    const before = result.at(-1);
    const joins = before?.from === axis.size * axis.from && before.to === axis.size * axis.to;
    if (joins) result[result.length - 1] = { ...axis, size: before.size * axis.size };
    else result.push(axis);
  }
  return result;
};

/** Number of axes that the compiled kernel `copyRuns` accepts. `copyRuns` copies runs of adjacent elements. */
const LEVELS = 3;

/**
 * Copies elements of `x`, starting at element `first`, to `out`, starting at element `place`. Returns false, without
 * copying, if `axes` has too many entries for the compiled kernel.
 */
export const copyStrided = (
  { address, call }: Machine,
  x: TensorInfo,
  first: number,
  out: TensorInfo,
  place: number,
  axes: readonly Axis[],
): boolean => {
  const last = axes.at(-1);
  const run = last?.from === 1 && last.to === 1 ? last.size : 1;
  const outer = run > 1 ? axes.slice(0, -1) : axes;
  if (outer.length > LEVELS) return false;
  if (axes.some(({ size }) => size === 0)) return true;
  const bytes = bytesOf(x);
  call.copyRuns(
    address(x) + first * bytes,
    address(out) + place * bytes,
    run * bytes,
    ...levelsOf(outer, LEVELS, bytes),
  );
  return true;
};

/**
 * Adds axes of size 1 in front until there are `count` axes. Returns the size of each axis, and its two strides in
 * bytes.
 */
export const levelsOf = (axes: readonly Axis[], count: number, bytes: number): readonly number[] => {
  const none = Array.from({ length: count - axes.length }, () => ({ size: 1, from: 0, to: 0 }));
  return [...none, ...axes].flatMap(({ size, from, to }) => [size, from * bytes, to * bytes]);
};

/** Returns the strides of a shape, in elements. */
export const stridesOf = (shape: readonly number[]): readonly number[] =>
  shape.map((_, axis) => util.sizeFromShape(shape.slice(axis + 1)));

/** Returns the offset in memory of the element at a multi-dimensional index, in elements. */
export const placeOf = (index: readonly number[], strides: readonly number[]): number =>
  index.reduce((sum, i, axis) => sum + i * strides[axis]!, 0);

/** Returns whether the memory of the module contains one number for each element of the tensor. */
export const isPlain = ({ dtype }: TensorInfo): boolean => dtype !== 'string' && dtype !== 'complex64';

/** Bytes per element. */
export const bytesOf = ({ dtype }: TensorInfo): number => (dtype === 'bool' ? 1 : 4);
