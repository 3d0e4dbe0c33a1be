import { getKernel, registerKernel, type NamedAttrMap, type NamedTensorInfoMap } from '@tensorflow/tfjs-core';
import type { TensorFlowEngine } from './engine.ts';

/** Registers a kernel for the operation `searchSorted`, which tfjs-node lacks. Repeated calls have no effect. */
export const registerSearchSorted = (): void => {
  if (getKernel('SearchSorted', 'tensorflow') !== undefined) return;
  registerKernel({
    kernelName: 'SearchSorted',
    backendName: 'tensorflow',
    kernelFunc: ({ inputs, attrs, backend }) => {
      const engine = backend as TensorFlowEngine;
      const { sortedSequence, values } = inputs as NamedTensorInfoMap &
        Readonly<Record<'sortedSequence' | 'values', NamedTensorInfoMap[string]>>;
      const { side } = attrs as NamedAttrMap & { readonly side: 'left' | 'right' };
      const { TF_ATTR_TYPE: type, TF_FLOAT, TF_INT32 } = engine.binding;
      return engine.executeSingleOutput(
        side === 'left' ? 'LowerBound' : 'UpperBound',
        [
          { name: 'T', type, value: sortedSequence!.dtype === 'int32' ? TF_INT32 : TF_FLOAT },
          { name: 'out_type', type, value: TF_INT32 },
        ],
        [sortedSequence!, values!],
      );
    },
  });
};
