import type { PluginSpec } from '../spec.ts';
import type { ImageScaling } from './classifier.ts';

/** One stage of a {@link ClassifierSpec}. */
export interface StageSpec {
  /** Output channels of the stage. The block of the stage does not change the number of channels. */
  readonly width: number;
  /** Hidden channels of the nets of the stage's block. */
  readonly hidden: number;
  /** Stride of the 1x1 convolution at the end of the stage. Default 1. */
  readonly stride?: number;
}

/** An image classifier as JSON. From the spec and the parameters, any program can rebuild the classifier. */
export interface ClassifierSpec {
  /** Version of the format. */
  readonly version: 1;
  /** Distinguishes the spec of a classifier from the spec of a flow. */
  readonly kind: 'classifier';
  /** `[h, w, c]` of one image. */
  readonly shape: readonly [number, number, number];
  /** Number of classes, at least 2. */
  readonly classes: number;
  /** Kind of the blocks: a name in `imageBlocks`. */
  readonly block: string;
  /** Stages in order, at least one. */
  readonly stages: readonly StageSpec[];
  /** Scaling of the images. Default: maps bytes to `[-0.5, 0.5]`. */
  readonly scaling?: ImageScaling;
  /** Cap on the norm of each convolution of implicit and residual blocks, in `(0, 1)`. Default 0.9. */
  readonly coeff?: number;
  /** Activation in implicit and residual blocks. Default ReLU. */
  readonly activation?: PluginSpec;
  /** Tolerances and step limit of the solves of implicit blocks. Default: the defaults of `solve`. */
  readonly tolerance?: { readonly atol?: number; readonly rtol?: number; readonly maxSteps?: number };
  /** Solver of implicit blocks. Default: see `RootOptions`. */
  readonly solver?: PluginSpec;
}
