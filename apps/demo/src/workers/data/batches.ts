import { fold, drawPermutation, type Key } from '@impflow/core';

/**
 * The training rows `[n, 2]` in a new order every epoch, `size` at a time. A pure function of the step, with the same
 * batches as the command line. The remainder of an epoch is not used. A batch larger than all rows continues into the
 * next epochs.
 */
export const epochBatches = (train: Float32Array): ((step: number, size: number, key: Key) => Float32Array) => {
  const rows = train.length / 2;
  const orderOf = remembered((key, epoch) => drawPermutation(fold(key, epoch), rows));
  return (step, size, key) => {
    const perEpoch = Math.floor(rows / size);
    const first = perEpoch === 0 ? step * size : Math.floor(step / perEpoch) * rows + (step % perEpoch) * size;
    const out = new Float32Array(2 * size);
    for (let i = 0; i < size; i++) {
      const at = (first + i) % rows;
      const row = orderOf(key, (first + i - at) / rows)[at]!;
      out[2 * i] = train[2 * row]!;
      out[2 * i + 1] = train[2 * row + 1]!;
    }
    return out;
  };
};

/** Caches the last order. */
const remembered = (orderOf: (key: Key, epoch: number) => Uint32Array): typeof orderOf => {
  let last: { readonly key: Key; readonly epoch: number; readonly order: Uint32Array } | undefined;
  return (key, epoch) => {
    if (last?.epoch !== epoch || last.key.high !== key.high || last.key.low !== key.low)
      last = { key, epoch, order: orderOf(key, epoch) };
    return last.order;
  };
};
