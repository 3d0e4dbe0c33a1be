import { Maximum, Minimum, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';
import { stridesOf } from './strided.ts';

/**
 * Returns the kernel `Maximum` or `Minimum`. tfjs's own kernel returns `a` where `b` is NaN, so this kernel writes NaN
 * there.
 *
 * @remarks Only `b` is searched for NaN. In most calls `b` has a single number.
 */
const extreme = (name: string): WasmKernel => ({
  name,
  run: ({ machine: { backend }, inputs, stock }) => {
    const { b } = inputs as Readonly<Record<'a' | 'b', TensorInfo>>;
    const out = stock() as TensorInfo;
    if (b.dtype !== 'float32') return out;
    const second = backend.typedArrayFromHeap(b);
    if (!second.includes(NaN)) return out;
    const to = backend.typedArrayFromHeap(out);
    const axes = axesOf(b.shape, out.shape);
    for (let i = 0; i < to.length; i++) {
      const place = axes.reduce((sum, { span, size, stride }) => sum + (Math.floor(i / span) % size) * stride, 0);
      if (Number.isNaN(second[place]!)) to[i] = NaN;
    }
    return out;
  },
});

/**
 * Returns the axes along which a tensor of shape `shape` is broadcast to `wide`: for each axis of `wide`, its stride and
 * its size in `wide`, and its stride in the tensor, which is 0 where the tensor repeats.
 */
const axesOf = (
  shape: readonly number[],
  wide: readonly number[],
): readonly { readonly span: number; readonly size: number; readonly stride: number }[] => {
  const [spans, strides] = [stridesOf(wide), stridesOf(shape)];
  const before = wide.length - shape.length;
  return wide.map((size, axis) => ({
    span: spans[axis]!,
    size,
    stride: axis < before || shape[axis - before] === 1 ? 0 : strides[axis - before]!,
  }));
};

export const maximum: WasmKernel = extreme(Maximum);
export const minimum: WasmKernel = extreme(Minimum);
