import type { Solution, Solver } from '@impflow/core';
import type { SolveOptions } from '@impflow/solvers';

export declare const FRIENDS: readonly (readonly [number, number])[];
export declare const steps: () => readonly Float32Array[];
export declare const ranks: (
  solver: Solver,
  options?: Omit<SolveOptions, 'solver'> & { readonly follow?: number },
) => Solution;
export declare const program: (print: (line: string) => void) => void;
