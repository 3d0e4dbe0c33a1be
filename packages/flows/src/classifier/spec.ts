import type { PluginSpec } from '../spec.ts';
import type { ImageScaling } from './classifier.ts';

export interface StageSpec {
  /** Channels that leave the stage; its block has those that enter. */
  readonly width: number;
  /** Channels inside the nets of its block. */
  readonly hidden: number;
  /** Default 1. */
  readonly stride?: number;
}

/** An image classifier as JSON: enough to rebuild it anywhere, given its parameters. */
export interface ClassifierSpec {
  readonly version: 1;
  readonly kind: 'classifier';
  /** `[h, w, c]`. */
  readonly shape: readonly [number, number, number];
  readonly classes: number;
  /** A name of `imageBlocks`. */
  readonly block: string;
  readonly stages: readonly StageSpec[];
  /** Default: bytes to `[-0.5, 0.5]`. */
  readonly scaling?: ImageScaling;
  /** Cap on the norm of each convolution of implicit and residual blocks, in `(0, 1)`. Default 0.9. */
  readonly coeff?: number;
  /** Of implicit and residual blocks. Default ReLU. */
  readonly activation?: PluginSpec;
  readonly tolerance?: { readonly atol?: number; readonly rtol?: number; readonly maxSteps?: number };
  /** Left out: see `RootOptions`. */
  readonly solver?: PluginSpec;
}
