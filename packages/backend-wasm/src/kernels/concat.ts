import { backend_util, Concat, Pack, Unpack, util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';
import type { Machine } from '../machine.ts';
import { bytesOf, isPlain } from './strided.ts';

/** Concatenates tensors along an axis. */
export const concat: WasmKernel = {
  name: Concat,
  run: ({ machine, inputs, attrs, stock }) => {
    const parts = Object.values(inputs);
    const [first] = parts as [TensorInfo];
    // If the types differ, tfjs converts all tensors to the type of the first tensor.
    if (!isPlain(first) || parts.some(({ dtype }) => dtype !== first.dtype)) return stock();
    const shapes = parts.map(({ shape }) => shape);
    const axis = util.parseAxisParam((attrs as { readonly axis: number }).axis, first.shape)[0]!;
    backend_util.assertParamsConsistent(shapes, axis);
    return concatenated(machine, parts, axis, backend_util.computeOutShape(shapes, axis));
  },
};

/** Stacks tensors of equal shape along a new axis. */
export const pack: WasmKernel = {
  name: Pack,
  run: ({ machine, inputs, attrs, stock }) => {
    const parts = Object.values(inputs);
    const [first] = parts as [TensorInfo];
    const same = parts.every(({ dtype, shape }) => dtype === first.dtype && util.arraysEqual(shape, first.shape));
    // If the shapes differ, tfjs's own kernel throws an error that describes the difference.
    if (!same || !isPlain(first)) return stock();
    const axis = util.parseAxisParam((attrs as { readonly axis: number }).axis, [...first.shape, 1])[0]!;
    return concatenated(machine, parts, axis, first.shape.toSpliced(axis, 0, parts.length));
  },
};

/** Splits a tensor into its slices along an axis. The slices do not have this axis. */
export const unpack: WasmKernel = {
  name: Unpack,
  run: ({ machine, inputs, attrs, stock }) => {
    const { value } = inputs as Record<'value', TensorInfo>;
    if (!isPlain(value)) return stock();
    const axis = util.parseAxisParam((attrs as { readonly axis: number }).axis, value.shape)[0]!;
    const shape = value.shape.toSpliced(axis, 1);
    const parts = Array.from({ length: value.shape[axis]! }, () => machine.output(shape, value.dtype));
    const outer = util.sizeFromShape(value.shape.slice(0, axis)),
      run = util.sizeFromShape(value.shape.slice(axis + 1)) * bytesOf(value);
    parts.forEach((part, i) =>
      copyRows(machine, machine.address(value) + i * run, run * parts.length, machine.address(part), run, outer, run),
    );
    return parts;
  },
};

const concatenated = (
  machine: Machine,
  parts: readonly TensorInfo[],
  axis: number,
  shape: readonly number[],
): TensorInfo => {
  const out = machine.output(shape, parts[0]!.dtype);
  const outer = util.sizeFromShape(shape.slice(0, axis)),
    stride = util.sizeFromShape(shape.slice(axis)) * bytesOf(out);
  let to = machine.address(out);
  for (const part of parts) {
    const run = util.sizeFromShape(part.shape.slice(axis)) * bytesOf(part);
    copyRows(machine, machine.address(part), run, to, stride, outer, run);
    to += run;
  }
  return out;
};

/** Copies `rows` rows of `bytes` bytes. Strides are in bytes. */
const copyRows = (
  { call }: Machine,
  from: number,
  fromStride: number,
  to: number,
  toStride: number,
  rows: number,
  bytes: number,
): void => {
  if (rows > 0 && bytes > 0) call.copyRuns(from, to, bytes, 1, 0, 0, 1, 0, 0, rows, fromStride, toStride);
};
