import { kept, leaves } from '@impflow/core';
import { dispose, type Tensor, type Variable } from '@tensorflow/tfjs-core';

/**
 * Memoizes `compute` for the present values of the variables `sources`. The tensors of the result belong to the memo.
 * The memo disposes its tensors when the first source is disposed, or at the next call after the value of a source has
 * changed.
 *
 * @remarks A variable gets a new data id with each value that is assigned to it.
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
    if (memo !== undefined && !memo.tensors[0]!.isDisposed && sources.every(({ dataId }, i) => dataId === memo!.ids[i]))
      return memo.result;
    forget();
    const result = kept(compute);
    memo = { ids: sources.map(({ dataId }) => dataId), tensors: leaves(result), result };
    return result;
  };
};
