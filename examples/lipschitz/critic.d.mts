import type { Contraction, Key } from '@impflow/core';
import type { Layer } from '@impflow/lipschitz';
import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';

export type Draw = (key: Key, rows: number) => Tensor;
export interface Generator {
  readonly parameters: Readonly<Record<string, Variable>>;
  readonly draw: Draw;
}
export declare const critic: (options?: {
  readonly hidden?: readonly number[];
  readonly activation?: () => Layer;
  readonly seed?: number;
}) => Contraction;
export declare const gap: (f: Contraction, x: Tensor, y: Tensor) => Scalar;
export declare const distance: (
  x: Draw,
  y: Draw,
  options?: {
    readonly steps?: number;
    readonly rate?: number;
    readonly activation?: () => Layer;
    readonly held?: number;
    readonly rows?: number;
  },
) => { readonly found: number; readonly critic: Contraction };
export declare const generator: (width?: number) => Generator;
export declare const teach: (
  real: Draw,
  options?: {
    readonly turns?: number;
    readonly critics?: number;
    readonly rows?: number;
    readonly onTurn?: (turn: number, apart: number) => void;
  },
) => Generator;
export declare const gaussian: (shift?: readonly number[], scale?: number) => Draw;
export declare const moons: Draw;
export declare const KNOWN: readonly {
  readonly name: string;
  readonly x: Draw;
  readonly y: Draw;
  readonly exact: number;
}[];
export declare const program: (print: (line: string) => void) => void;
