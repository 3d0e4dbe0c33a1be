import type { Shape } from '@impflow/core';
import { tensor1d, type Tensor } from '@tensorflow/tfjs-core';
import type { Input } from '../numbers.ts';

/** A call whose result is compared with the result of the reference. */
export interface Case {
  /** The arguments. */
  readonly inputs: readonly Input[];
  /** The operation. */
  readonly f: (...inputs: Tensor[]) => Tensor;
  /** Whether the gradients with respect to all inputs are also compared. Default true. */
  readonly gradient?: boolean;
}

/** A function of one tensor. */
export type Unary = (x: Tensor) => Tensor;

/** Calls with one tensor each. */
export const of = (...cases: readonly (readonly [Shape, Unary])[]): readonly Case[] =>
  cases.map(([shape, f]) => ({ inputs: [{ shape }], f: (x) => f(x!) }));

/** Returns the calls without a comparison of gradients. */
export const forward = (cases: readonly Case[]): readonly Case[] => cases.map((each) => ({ ...each, gradient: false }));

/** Returns a tensor of indices along an axis. */
export const index = (...places: readonly number[]): Tensor => tensor1d([...places], 'int32');
