import { sizeOf } from '@impflow/core';
import { tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import type { Events } from './events.ts';

/** Events a call: large enough to be fast, small enough to stay in the processor's cache. */
const ROWS = 2048;
/** Numbers a call: a net on images makes some hundred times as many of them. */
const NUMBERS = 2 ** 16;

/** How many events of so many numbers go into a call. */
export const blockRows = (size: number): number => Math.max(1, Math.min(ROWS, Math.floor(NUMBERS / size)));

/** `f` over all events, a block at a time; results of the blocks end to end. */
export const batched = ({ count, shape, read }: Events, f: (x: Tensor, firstRow: number) => Tensor): Float32Array => {
  const parts: Float32Array[] = [];
  const most = blockRows(sizeOf(shape));
  for (let first = 0; first < count; first += most) {
    const rows = Math.min(most, count - first);
    const result = tidy(() => f(tensor(read(first, rows), [rows, ...shape]), first));
    // Read out of the scope: there tfjs would look for tensors among the numbers.
    parts.push((result.dataSync() as Float32Array).slice());
    result.dispose();
  }
  return joined(parts);
};

/** Arrays end to end. */
export const joined = (parts: readonly Float32Array[]): Float32Array => {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
};
