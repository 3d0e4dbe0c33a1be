import type { Contraction } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Sample } from './digits.mjs';

export declare const classifier: (options?: {
  readonly hidden?: readonly number[];
  readonly seed?: number;
}) => Contraction;
export declare const boundOf: (net: Contraction) => number;
export declare const labelsOf: (sample: Sample) => Tensor;
export declare const imagesOf: (sample: Sample) => Tensor;
export declare const trained: (
  sample: Sample,
  options?: {
    readonly epochs?: number;
    readonly batch?: number;
    readonly rate?: number;
    readonly sharpness?: number;
    readonly onEpoch?: (epoch: number, loss: number) => void;
  },
) => Contraction;
export declare const certify: (
  net: Contraction,
  x: Tensor,
  labels: Tensor,
  bound?: number,
) => { readonly answers: Int32Array; readonly radii: Float64Array };
export declare const attack: (
  net: Contraction,
  x: Tensor,
  labels: Tensor,
  radii: ArrayLike<number>,
  options?: { readonly steps?: number; readonly starts?: number },
) => Uint8Array;
export declare const program: (print: (line: string) => void) => void;
