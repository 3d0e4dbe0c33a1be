import type { Key } from '@impflow/core';
import type { Resolutions, Scaling } from '@impflow/data/tables';
import type { Region } from '../../protocol/data.ts';

/** Data as training and pictures need them. */
export interface Prepared {
  readonly name: string;
  readonly columns: readonly [string, string];
  /** What the rows are, where they are from and what was done to them, in sentences. */
  readonly about: string;
  /** Rows to train on, `[n, 2]`; empty where they are drawn afresh at every step. */
  readonly train: Float32Array;
  /** Fresh rows `[rows, 2]`, noise included; absent where the rows to train on are fixed. */
  readonly draw?: (key: Key, rows: number) => Float32Array;
  /** Rows that are never trained on, `[m, 2]`. */
  readonly heldOut: Float32Array;
  /** Of the training rows; none for a toy. */
  readonly scaling?: Scaling;
  /** Columns whose values repeat, and the width of the uniform noise that each got. */
  readonly dequantised: Resolutions;
  /** Nats; where the density is known. */
  readonly entropy?: number;
  readonly region: Region;
  /** The rows of a step, `[size, 2]`: fresh ones, or the training rows in a new order every epoch. A pure function of its arguments. */
  batch(step: number, size: number, key: Key): Float32Array;
}
