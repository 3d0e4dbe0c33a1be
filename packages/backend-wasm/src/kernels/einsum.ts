import { FlowError } from '@impflow/core';
import {
  backend_util,
  BatchMatMul,
  Einsum,
  Multiply,
  Sum,
  Transpose,
  util,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';
import type { Machine } from '../machine.ts';
import { runOther } from './other.ts';

/**
 * A tensor with a label for each axis. A label is a number. Labels of output axes are numbered first, in the order of
 * the output, then labels of summed axes.
 */
interface Labeled {
  readonly tensor: TensorInfo;
  readonly labels: readonly number[];
}

/**
 * Computes sums of products in index notation, for one or two tensors. tfjs-backend-wasm lacks this kernel. Two tensors
 * become one batched matrix product. A label that both operands have is a batch dimension if it is in the output,
 * otherwise it is contracted. A label that only one operand has is a row or column if it is in the output, otherwise it
 * is summed before the product. Integers are multiplied elementwise and summed.
 */
export const einsum: WasmKernel = {
  name: Einsum,
  run: ({ machine, inputs, attrs }) => {
    const { equation } = attrs as { readonly equation: string };
    const tensors = Object.keys(inputs).map((key) => inputs[key]!);
    const { allDims, summedDims, idDims } = backend_util.decodeEinsumEquation(equation, tensors.length);
    backend_util.checkEinsumDimSizes(allDims.length, idDims, tensors as never);
    const kept = allDims.length - summedDims.length;
    if (new Set(allDims.slice(0, kept)).size !== equation.replace(/\s/g, '').split('->')[1]!.length) {
      throw new FlowError('input', 'backend-wasm/Einsum', 'An output label occurs twice', { got: equation });
    }
    const operands = tensors.map((tensor, i): Labeled => ({ tensor, labels: idDims[i]! }));
    const shape = Array.from({ length: kept }, (_, label) => sizeOf(operands, label));
    if (tensors.some((tensor) => util.sizeFromShape(tensor.shape) === 0)) {
      const out = machine.output(shape, tensors[0]!.dtype);
      machine.call.clear(machine.address(out), 4 * util.sizeFromShape(shape));
      return out;
    }
    const made: TensorInfo[] = [];
    const own = (tensor: TensorInfo): TensorInfo => {
      made.push(tensor);
      return tensor;
    };
    const others = (i: number): readonly number[] => operands[1 - i]?.labels ?? [];
    const reduced = operands.map((operand, i) =>
      sumOut(machine, own, operand, (label) => label >= kept && !others(i).includes(label)),
    );
    const [a, b] = reduced;
    const product = b === undefined ? a! : multiply(machine, own, a!, b, kept);
    const { tensor } = transposed(
      machine,
      own,
      product,
      [...product.labels].sort((p, q) => p - q),
    );
    const { backend } = machine;
    // The result may be a view of an input or of an intermediate tensor. Keep the data of the result while the
    // intermediate tensors are disposed.
    backend.incRef(tensor.dataId);
    for (const { dataId } of made) backend.disposeData(dataId);
    return { dataId: tensor.dataId, dtype: tensor.dtype, shape };
  },
};

type Own = (tensor: TensorInfo) => TensorInfo;

const sizeOf = (operands: readonly Labeled[], label: number): number => {
  const { tensor, labels } = operands.find((operand) => operand.labels.includes(label))!;
  return tensor.shape[labels.indexOf(label)]!;
};

const view = ({ dataId, dtype }: TensorInfo, shape: number[]): TensorInfo => ({ dataId, dtype, shape });

const sumOut = (machine: Machine, own: Own, { tensor, labels }: Labeled, goes: (label: number) => boolean): Labeled => {
  const axis = labels.flatMap((label, i) => (goes(label) ? [i] : []));
  if (axis.length === 0) return { tensor, labels };
  return {
    tensor: own(runOther(machine, Sum, { x: tensor }, { axis, keepDims: false })),
    labels: labels.filter((label) => !goes(label)),
  };
};

const transposed = (machine: Machine, own: Own, { tensor, labels }: Labeled, order: readonly number[]): Labeled => {
  const perm = order.map((label) => labels.indexOf(label));
  if (perm.every((from, to) => from === to)) return { tensor, labels: order };
  return { tensor: own(runOther(machine, Transpose, { x: tensor }, { perm })), labels: order };
};

const multiply = (machine: Machine, own: Own, a: Labeled, b: Labeled, kept: number): Labeled => {
  const both = a.labels.filter((label) => b.labels.includes(label));
  const batch = both.filter((label) => label < kept),
    contracted = both.filter((label) => label >= kept);
  const rows = a.labels.filter((label) => !both.includes(label)),
    columns = b.labels.filter((label) => !both.includes(label));
  const count = (labels: readonly number[]): number =>
    labels.reduce((product, label) => product * sizeOf([a, b], label), 1);
  const [B, R, K, C] = [count(batch), count(rows), count(contracted), count(columns)];
  const float = a.tensor.dtype === 'float32' && b.tensor.dtype === 'float32';
  // An operand needs no copy if its axes have the order that the product requires, or if the transposed operand has
  // axes in this order.
  const lies = ({ labels }: Labeled, order: readonly number[]): boolean =>
    labels.every((label, i) => label === order[i]);
  const arranged = (
    operand: Labeled,
    mine: readonly number[],
  ): { readonly tensor: TensorInfo; readonly crosswise: boolean } => {
    const crosswise = float && lies(operand, [...batch, ...contracted, ...mine]);
    return {
      tensor: crosswise ? operand.tensor : transposed(machine, own, operand, [...batch, ...mine, ...contracted]).tensor,
      crosswise,
    };
  };
  const left = arranged(a, rows),
    right = arranged(b, columns);
  const labels = [...batch, ...rows, ...columns];
  const shape = labels.map((label) => sizeOf([a, b], label));
  if (float) {
    const product = runOther(
      machine,
      BatchMatMul,
      {
        a: view(left.tensor, left.crosswise ? [B, K, R] : [B, R, K]),
        b: view(right.tensor, right.crosswise ? [B, K, C] : [B, C, K]),
      },
      { transposeA: left.crosswise, transposeB: !right.crosswise },
    );
    return { tensor: view(own(product), shape), labels };
  }
  const products = own(
    runOther(machine, Multiply, { a: view(left.tensor, [B, R, 1, K]), b: view(right.tensor, [B, 1, C, K]) }),
  );
  return { tensor: view(own(runOther(machine, Sum, { x: products }, { axis: [3], keepDims: false })), shape), labels };
};
