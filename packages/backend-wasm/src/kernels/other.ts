import { FlowError } from '@impflow/core';
import { getKernel, type NamedAttrMap, type TensorInfo } from '@tensorflow/tfjs-core';
import type { Machine } from '../machine.ts';

/** Runs the kernel of another operation from within a kernel. The result belongs to the caller. */
export const runOther = (
  { backend }: Machine,
  name: string,
  inputs: Readonly<Record<string, TensorInfo>>,
  attrs: NamedAttrMap = {},
): TensorInfo => {
  const kernel = getKernel(name, 'wasm');
  if (kernel === undefined)
    throw new FlowError('unsupported', 'backend-wasm/kernel', `The backend 'wasm' has no kernel ${name}`);
  return kernel.kernelFunc({ inputs, backend, attrs }) as TensorInfo;
};
