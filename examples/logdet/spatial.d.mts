import type { Contraction, Key, LogDetEstimator } from '@impflow/core';
import type { Scalar, Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import type { Counties } from './counties.mjs';

export interface Graph {
  readonly count: number;
  readonly degree: Float32Array;
  readonly times: (x: Tensor) => Tensor;
  readonly dispose: () => void;
}
export interface SpatialLag extends Contraction {
  readonly rho: () => Tensor;
}
export declare const graph: (data: Pick<Counties, 'ids' | 'edges'>) => Graph;
export declare const spatialLag: (graph: Graph, start?: number) => SpatialLag;
export declare const logDet: (estimator: LogDetEstimator, g: Contraction, k: Key) => Scalar;
export declare const negative: (estimator: LogDetEstimator, graph: Graph, g: SpatialLag, y: Tensor1D, k: Key) => Scalar;
export declare const fit: (
  estimator: LogDetEstimator,
  data: Counties,
  options?: {
    readonly steps?: number;
    readonly rate?: number;
    readonly seed?: number;
    readonly onStep?: (step: number, rho: number) => void;
  },
) => number;
export declare const estimates: (
  estimator: LogDetEstimator,
  g: Contraction,
  count: number,
) => { readonly average: number; readonly error: number };
export declare const roulette: () => LogDetEstimator;
export declare const program: (print: (line: string) => void) => void;
