import type * as core from '@impflow/core';
import type * as flows from '@impflow/flows';
import type { HostTensors } from '@impflow/training';
import type * as tf from '@tensorflow/tfjs-core';

export interface Library {
  readonly core: Pick<typeof core, 'settle' | 'scoped' | 'release' | 'valueAndGradients'>;
  readonly flows: Pick<typeof flows, 'importPublished'>;
  readonly tf: Pick<typeof tf, 'tensor' | 'variable' | 'keep' | 'neg' | 'mean' | 'reshape' | 'transpose'>;
}

export interface FlowCase {
  readonly kind: 'implicit' | 'residual' | 'image' | 'estimators' | 'norms';
  readonly activation: string;
  readonly coeff: number;
  readonly loss: number;
  /** Of images, `[channels, height, width]`. */
  readonly input?: readonly [number, number, number];
}

/** Relative errors, but for the absolute ones of `logDet`, `logProb` and `loss`. */
export interface ParityErrors {
  readonly z: number;
  readonly logDet: number;
  readonly logProb: number;
  /** Of the data point that our inverse found, mapped back. */
  readonly roundTrip: number;
  readonly x: number;
  /** Of the published inverse, mapped back. */
  readonly theirs: number;
  readonly loss: number;
  readonly gradients: Readonly<Record<string, number>>;
  readonly parameters: readonly string[];
}

export declare const relative: (got: ArrayLike<number>, wanted: ArrayLike<number>) => number;
export declare const largest: (got: ArrayLike<number>, wanted: ArrayLike<number | bigint>) => number;
export declare const numbersOf: <Name extends string>(library: Library, body: () => Readonly<Partial<Record<Name, tf.Tensor>>>) => Promise<Readonly<Record<Name, Float32Array>>>;
export declare const parityOf: (library: Library, one: { readonly tensors: HostTensors; readonly spec: FlowCase }) => Promise<ParityErrors>;
