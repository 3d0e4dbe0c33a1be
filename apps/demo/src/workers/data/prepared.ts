import type { Key } from '@impflow/core';
import type { Resolutions, Scaling } from '@impflow/tables';
import type { PointColors, Region } from '../../protocol/data.ts';

/** Data for training and pictures. */
export interface Prepared {
  readonly name: string;
  readonly columns: readonly [string, string];
  /** What the rows are, their source, and how they were changed, in sentences. */
  readonly about: string;
  /** Training rows, `[n, 2]`; empty if every step draws new ones. */
  readonly train: Float32Array;
  /** Colors of the training rows; absent if they have one color. */
  readonly colors?: PointColors;
  /** Draws new rows `[rows, 2]`, with noise; absent if the training rows are fixed. */
  readonly draw?: (key: Key, rows: number) => Float32Array;
  /** Held-out rows, `[m, 2]`. */
  readonly heldOut: Float32Array;
  /** Scaling, from the training rows; absent for a toy. */
  readonly scaling?: Scaling;
  /** Columns with repeated values, and the width of the uniform noise added to each. */
  readonly dequantised: Resolutions;
  /** Whether copies of rows were left out before the split. */
  readonly distinct?: boolean;
  /** Entropy in nats, if the density is known. */
  readonly entropy?: number;
  readonly region: Region;
  /** Height of a picture of the region, in its widths: a map keeps its proportions. */
  readonly aspect: number;
  /** Borders of land, `[m, 2]`; a pair of NaN ends each line. */
  readonly outline?: Float32Array;
  /**
   * The rows of a step, `[size, 2]`: newly drawn, or training rows in a new order every epoch. A pure function of its
   * arguments.
   */
  batch(step: number, size: number, key: Key): Float32Array;
}
