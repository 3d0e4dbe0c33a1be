import type * as tf from '@tensorflow/tfjs-core';

export interface TensorBytes {
  /** Largest number of bytes at any time, above that at the start. */
  readonly peak: number;
  /** Current number of bytes, above that at the start. */
  readonly now: number;
}

export declare const countingBytes: <T>(
  library: Pick<typeof tf, 'engine'>,
  body: (bytes: () => TensorBytes) => T,
) => { readonly result: T; readonly bytes: TensorBytes };
