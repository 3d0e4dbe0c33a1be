import type { Solution, Solver } from '@impflow/core';
import type { SolveOptions } from '@impflow/solvers';
import type { Tensor } from '@tensorflow/tfjs-core';

export declare const K1: number, K2: number, KW: number;
export declare const system: (y: Tensor, carbon: Tensor, alkalinity: Tensor) => Tensor;
export declare const balance: (
  carbon: Tensor,
  alkalinity: Tensor,
  solver?: Solver,
  options?: Omit<SolveOptions, 'solver'>,
) => Solution;
export declare const acidity: (carbon: Tensor, alkalinity: Tensor) => Tensor;
export declare const program: (print: (line: string) => void) => void;
