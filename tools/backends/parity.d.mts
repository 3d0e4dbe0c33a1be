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
  /** Shape of images, `[channels, height, width]`. */
  readonly input?: readonly [number, number, number];
}

/** Relative errors, except `logDet`, `logProb` and `loss`, which are absolute. */
export interface ParityErrors {
  readonly z: number;
  readonly logDet: number;
  readonly logProb: number;
  /** Error of the data point that our inverse found, mapped forward again. */
  readonly roundTrip: number;
  readonly x: number;
  /** Error of the published inverse, mapped forward again. */
  readonly theirs: number;
  readonly loss: number;
  readonly gradients: Readonly<Record<string, number>>;
  readonly parameters: readonly string[];
}

export declare const relative: (got: ArrayLike<number>, wanted: ArrayLike<number>) => number;
export declare const largest: (got: ArrayLike<number>, wanted: ArrayLike<number | bigint>) => number;
export declare const numbersOf: <Name extends string>(
  library: Library,
  body: () => Readonly<Partial<Record<Name, tf.Tensor>>>,
) => Promise<Readonly<Record<Name, Float32Array>>>;
export declare const parityOf: (
  library: Library,
  one: { readonly tensors: HostTensors; readonly spec: FlowCase },
) => Promise<ParityErrors>;
