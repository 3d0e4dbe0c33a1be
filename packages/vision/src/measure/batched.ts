import { sizeOf } from '@impflow/core';
import { tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import type { Events } from '../images/events.ts';

/** Most events per call: large enough to be fast, small enough to stay in the processor's cache. */
const ROWS = 2048;
/** Most numbers of the events per call. The layers of a net on images compute some hundred times as many numbers. */
const NUMBERS = 2 ** 16;

/** Number of events of `size` numbers in a block. */
export const blockRows = (size: number): number => Math.max(1, Math.min(ROWS, Math.floor(NUMBERS / size)));

/**
 * Applies `f` to the events, a block at a time, and concatenates the results. `firstRow` is the index of the first
 * event of a block.
 */
export const batched = ({ count, shape, read }: Events, f: (x: Tensor, firstRow: number) => Tensor): Float32Array => {
  const parts: Float32Array[] = [];
  const most = blockRows(sizeOf(shape));
  for (let first = 0; first < count; first += most) {
    const rows = Math.min(most, count - first);
    const result = tidy(() => f(tensor(read(first, rows), [rows, ...shape]), first));
    // Read outside of the scope: inside, tfjs would search the result for tensors.
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
