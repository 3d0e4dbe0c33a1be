import {
  getKernel,
  registerKernel,
  unregisterKernel,
  type KernelConfig,
  type KernelFunc,
  type NamedTensorInfoMap,
  type TensorInfo,
} from '@tensorflow/tfjs-core';

/** Replaces a kernel of tfjs that gives wrong results. `make` receives the old kernel. Idempotent. */
export const correctKernel = (
  backendName: string,
  kernelName: string,
  make: (stock: KernelFunc) => KernelFunc,
): void => {
  const present = getKernel(kernelName, backendName) as KernelConfig | undefined;
  if (present === undefined || corrected.has(present.kernelFunc)) return;
  const kernelFunc = make(present.kernelFunc);
  corrected.add(kernelFunc);
  // Registering over an existing kernel prints a warning.
  unregisterKernel(kernelName, backendName);
  registerKernel({ ...present, kernelFunc });
};

const corrected = new WeakSet<KernelFunc>();

/** Makes a unary kernel return NaN for NaN, where the kernel of tfjs returns a number. */
export const keepNaN = (backendName: string, kernelName: string): void =>
  correctKernel(backendName, kernelName, (stock) => ({ inputs, attrs, backend }) => {
    const { x } = inputs as NamedTensorInfoMap & { readonly x: TensorInfo };
    const run = (name: string, given: NamedTensorInfoMap): TensorInfo =>
      getKernel(name, backendName).kernelFunc({ inputs: given, attrs: {}, backend }) as TensorInfo;
    const missing = run('IsNan', { x });
    const value = stock({ inputs, ...(attrs === undefined ? {} : { attrs }), backend }) as TensorInfo;
    const kept = run('Select', { condition: missing, t: x, e: value });
    const { disposeData } = backend as { disposeData(dataId: object): boolean };
    for (const { dataId } of [missing, value]) disposeData.call(backend, dataId);
    return kept;
  });
