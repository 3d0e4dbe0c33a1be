import { tensor2d, tidy, type Tensor } from '@tensorflow/tfjs-core';

/** Rows a call: large enough to be fast, small enough to stay in the processor's cache. */
const ROWS = 2048;

/** `f` over the rows of `values` `[rows, columns]`, a block of rows at a time; results of the blocks end to end. */
export const batched = (values: Float32Array, columns: number, f: (x: Tensor, firstRow: number) => Tensor): Float32Array => {
  const rows = values.length / columns;
  const parts: Float32Array[] = [];
  for (let first = 0; first < rows; first += ROWS) {
    const block = values.subarray(first * columns, Math.min(rows, first + ROWS) * columns);
    const result = tidy(() => f(tensor2d(block.slice(), [block.length / columns, columns]), first));
    // Read out of the scope: there tfjs would look for tensors among the numbers.
    parts.push((result.dataSync() as Float32Array).slice());
    result.dispose();
  }
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
};
