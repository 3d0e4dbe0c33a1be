import { kept, leaves } from '@impflow/core';
import { dispose, type Tensor, type Variable } from '@tensorflow/tfjs-core';

/**
 * `compute()` once for each value of `sources`; its tensors belong to this function until the values change, and are disposed with the first source.
 *
 * @remarks tfjs tells the values of a variable apart by its data id.
 */
export const perValue = <T extends object>(sources: readonly Variable[], compute: () => T): (() => T) => {
  let memo: { readonly ids: readonly object[]; readonly tensors: readonly Tensor[]; readonly result: T } | undefined;
  const forget = (): void => {
    if (memo !== undefined) dispose([...memo.tensors]);
    memo = undefined;
  };
  const [first] = sources as [Variable];
  const disposeFirst = first.dispose.bind(first);
  first.dispose = () => {
    forget();
    disposeFirst();
  };
  return () => {
    if (memo !== undefined && !memo.tensors[0]!.isDisposed && sources.every(({ dataId }, i) => dataId === memo!.ids[i])) return memo.result;
    forget();
    const result = kept(compute);
    memo = { ids: sources.map(({ dataId }) => dataId), tensors: leaves(result), result };
    return result;
  };
};
