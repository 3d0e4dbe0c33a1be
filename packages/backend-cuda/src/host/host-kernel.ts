import { engine, type DataType, type KernelBackend, type KernelConfig, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';

/** Makes a tensor of an array, which is then the tensor's: TensorFlow sees it when an operation of its own first needs it. */
export type Give = (values: Float32Array | Uint8Array, shape: readonly number[], dtype?: DataType) => TensorInfo;

/**
 * A fused kernel in plain JavaScript, for tensors in the memory of the host: one pass takes less time than the operations of TensorFlow
 * in its place take to be called. Results of one such kernel reach the next without a copy.
 */
export const hostKernel = <Inputs extends object, Attributes extends string = never>(
  kernelName: string, run: (inputs: Inputs, attributes: Readonly<Record<Attributes, number>>, give: Give) => TensorInfo | TensorInfo[],
): KernelConfig => ({
  kernelName,
  backendName: 'tensorflow',
  kernelFunc: ({ inputs, attrs, backend }) => run(inputs as never, attrs as never, (values, shape, dtype = 'float32') => {
    const own = [...shape];
    return { dataId: (backend as KernelBackend).write(values, own, dtype), shape: own, dtype };
  }),
});

/** The values of a tensor. They may be the tensor's own: read only. */
export const valuesOf = (x: Tensor): Float32Array => engine().readSync(x.dataId) as Float32Array;
