import {
  _FusedMatMul,
  Elu,
  getKernel,
  Prelu,
  Sigmoid,
  util,
  type KernelConfig,
  type NamedTensorInfoMap,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';
import type { Machine } from '../machine.ts';
import { batchProduct } from './gemm.ts';

interface Attributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly activation: string;
  readonly leakyreluAlpha?: number;
}

const ACTIVATIONS: ReadonlySet<string> = new Set(['linear', 'relu', 'relu6', 'leakyrelu', 'elu', 'sigmoid', 'prelu']);

/**
 * Computes `activation(op(a) op(b) + bias)`, where `op` is the identity or the transpose. The dense layers of tfjs use
 * this kernel.
 */
export const fusedMatMul: WasmKernel = {
  name: _FusedMatMul,
  run: ({ machine, inputs, attrs, stock }) => {
    const { a, b, bias, preluActivationWeights } = inputs as {
      readonly a: TensorInfo;
      readonly b: TensorInfo;
      readonly bias?: TensorInfo;
      readonly preluActivationWeights?: TensorInfo;
    };
    const { transposeA, transposeB, activation, leakyreluAlpha } = attrs as Attributes;
    if (!ACTIVATIONS.has(activation)) return stock();
    // tfjs passes null for a missing input.
    const out = batchProduct(machine, a, b, transposeA, transposeB, bias ?? undefined);
    if (out === undefined) return stock();
    const [address, size] = [machine.address(out), util.sizeFromShape(out.shape)];
    switch (activation) {
      case 'relu':
        machine.call.rectify(address, size, Infinity);
        return out;
      case 'relu6':
        machine.call.rectify(address, size, 6);
        return out;
      case 'leakyrelu':
        machine.call.leak(address, size, leakyreluAlpha ?? 0);
        return out;
      case 'elu':
        return through(machine, Elu, { x: out });
      case 'sigmoid':
        return through(machine, Sigmoid, { x: out });
      case 'prelu':
        return through(machine, Prelu, { x: out, alpha: preluActivationWeights! });
      default:
        return out;
    }
  },
};

/** Runs the kernel `name` on the inputs, then disposes the input `x`. */
const through = (
  { backend }: Machine,
  name: string,
  inputs: NamedTensorInfoMap & { readonly x: TensorInfo },
): TensorInfo => {
  const { kernelFunc } = getKernel(name, 'wasm') as KernelConfig;
  const out = kernelFunc({ inputs, attrs: {}, backend }) as TensorInfo;
  backend.disposeData(inputs.x.dataId);
  return out;
};
