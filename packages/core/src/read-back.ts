import { add, dispose, tensor1d, tidy, type Tensor } from '@tensorflow/tfjs-core';
import type { ReadBack } from './backend.ts';

/**
 * Measures the cost of waiting for the current backend. Takes some 30 ms.
 *
 * @param syncRead Whether to read without awaiting, as solves do on a backend with `syncRead`.
 */
export const measureReadBack = async (syncRead: boolean): Promise<ReadBack> => {
  // The tensor is so large that GPU backends do not compute on the host.
  const x = tensor1d(new Float32Array(4096));
  const read = async (): Promise<void> => {
    const y = add(x, 1);
    if (syncRead) y.dataSync();
    else await y.data();
    y.dispose();
  };
  // The first runs compile the kernel, so they are not measured.
  for (let i = 0; i < 3; i++) await read();
  const reads: number[] = [];
  for (let i = 0; i < 9; i++) reads.push(await timed(read));
  const operations: number[] = [];
  for (let i = 0; i < 5; i++) {
    operations.push(
      (await timed(async () => {
        dispose(
          tidy(() => {
            let y: Tensor = x;
            for (let k = 0; k < SERIES; k++) y = add(y, 1);
            return y;
          }),
        );
      })) / SERIES,
    );
    await read();
  }
  x.dispose();
  return { readMs: median(reads), operationMs: median(operations) };
};

const SERIES = 40;

const timed = async (body: () => Promise<void>): Promise<number> => {
  const start = performance.now();
  await body();
  return performance.now() - start;
};

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
