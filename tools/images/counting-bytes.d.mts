import type * as tf from '@tensorflow/tfjs-core';

export interface TensorBytes {
  /** The most at any time, beyond what was there before. */
  readonly peak: number;
  /** Beyond what was there before, at this moment. */
  readonly now: number;
}

export declare const countingBytes: <T>(library: Pick<typeof tf, 'engine'>, body: (bytes: () => TensorBytes) => T) => { readonly result: T; readonly bytes: TensorBytes };
