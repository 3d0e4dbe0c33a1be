import { sizeOf } from '@impflow/core';
import { tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import type { Events } from '../images/events.ts';

/** Largest number of events per call: large enough for speed, and small enough for the cache of the processor. */
const ROWS = 2048;
/** Largest number of input values per call. The layers of an image net output some hundred times as many values. */
const NUMBERS = 2 ** 16;

/** Returns the number of events in a block, if each event has `size` numbers. */
export const blockRows = (size: number): number => Math.max(1, Math.min(ROWS, Math.floor(NUMBERS / size)));

/**
 * Applies `f` to events in blocks, and concatenates the results. `firstRow` is the index of the first event of a block.
 */
export const batched = ({ count, shape, read }: Events, f: (x: Tensor, firstRow: number) => Tensor): Float32Array => {
  const parts: Float32Array[] = [];
  const most = blockRows(sizeOf(shape));
  for (let first = 0; first < count; first += most) {
    const rows = Math.min(most, count - first);
    const result = tidy(() => f(tensor(read(first, rows), [rows, ...shape]), first));
    // The result is read outside of `tidy`, because `tidy` would search the returned array for tensors.
    parts.push((result.dataSync() as Float32Array).slice());
    result.dispose();
  }
  return joined(parts);
};

/** Concatenates arrays. */
export const joined = (parts: readonly Float32Array[]): Float32Array => {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
};
