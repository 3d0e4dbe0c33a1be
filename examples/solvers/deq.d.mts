import type { SolveStats } from '@impflow/core';
import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';
import type { Digits } from './digits.mjs';

export type Weights = Readonly<Record<'W' | 'U' | 'b' | 'V' | 'c', Variable>>;
export type Layer = (weights: Weights, injected: Tensor) => Tensor;
export declare const parameters: () => Weights;
export declare const equilibrium: (report?: (stats: SolveStats) => void, rtol?: number) => Layer;
export declare const unrolled: (depth: number) => Layer;
export declare const lossOf: (weights: Weights, layer: Layer, x: Tensor, labels: Tensor) => Scalar;
export declare const learn: (
  layer: Layer,
  options?: { readonly data?: Digits; readonly epochs?: number; readonly batch?: number; readonly rate?: number },
) => { readonly accuracy: number; readonly kept: number; readonly seconds: number };
export declare const program: (print: (line: string) => void) => void;
