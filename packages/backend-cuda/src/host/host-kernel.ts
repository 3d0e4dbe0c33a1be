import {
  engine,
  type DataType,
  type KernelBackend,
  type KernelConfig,
  type Tensor,
  type TensorInfo,
} from '@tensorflow/tfjs-core';

/**
 * Makes a tensor that takes ownership of an array. The array is copied to TensorFlow when an operation of TensorFlow
 * first needs it.
 */
export type Give = (values: Float32Array | Uint8Array, shape: readonly number[], dtype?: DataType) => TensorInfo;

/**
 * Makes a fused kernel in plain JavaScript, for tensors in host memory. One pass takes less time than the calls of the
 * TensorFlow operations that the kernel replaces. Such kernels pass results to each other without a copy.
 */
export const hostKernel = <Inputs extends object, Attributes extends string = never>(
  kernelName: string,
  run: (inputs: Inputs, attributes: Readonly<Record<Attributes, number>>, give: Give) => TensorInfo | TensorInfo[],
): KernelConfig => ({
  kernelName,
  backendName: 'tensorflow',
  kernelFunc: ({ inputs, attrs, backend }) =>
    run(inputs as never, attrs as never, (values, shape, dtype = 'float32') => {
      const own = [...shape];
      return { dataId: (backend as KernelBackend).write(values, own, dtype), shape: own, dtype };
    }),
});

/** Returns the values of a tensor. Do not write to them: they may be the tensor's own memory. */
export const valuesOf = (x: Tensor): Float32Array => engine().readSync(x.dataId) as Float32Array;
