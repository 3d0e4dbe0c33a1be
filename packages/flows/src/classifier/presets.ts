import type { ClassifierSpec } from './spec.ts';

/**
 * Options of the presets for residual nets. The presets derive all other fields of the {@link ClassifierSpec} from
 * these options.
 */
export interface ResNetOptions
  extends
    Pick<ClassifierSpec, 'shape' | 'classes'>,
    Partial<Pick<ClassifierSpec, 'scaling' | 'coeff' | 'activation' | 'tolerance' | 'solver'>> {
  /** Output channels of each stage. Default `[64, 128, 256, 512]`. */
  readonly widths?: readonly number[];
  /** Hidden channels of the nets of each stage. Default: the output channels of the stage. */
  readonly hidden?: readonly number[];
  /** Stride of each stage. Default: 2 for a stage that is wider than the previous stage, otherwise 1. */
  readonly strides?: readonly number[];
}

/**
 * Returns the spec of a net of implicit blocks. With the default widths and 32x32x3 images, this is the net of the
 * paper Implicit Normalizing Flows.
 */
export const implicitResNet = (options: ResNetOptions): ClassifierSpec => resNet('implicit', options);

/**
 * Returns the spec of a net with two residual blocks in place of each implicit block. This net and
 * {@link implicitResNet} have equal numbers of parameters.
 */
export const residualResNet = (options: ResNetOptions): ClassifierSpec => resNet('residual', options);

/**
 * Returns the spec of a net of residual blocks without caps on their norms, with two blocks in place of each implicit
 * block.
 */
export const vanillaResNet = (options: ResNetOptions): ClassifierSpec => resNet('vanilla', options);

const resNet = (
  block: string,
  { shape, classes, widths = [64, 128, 256, 512], hidden = widths, strides, ...chosen }: ResNetOptions,
): ClassifierSpec => ({
  version: 1,
  kind: 'classifier',
  shape,
  classes,
  block,
  stages: widths.map((width, i) => ({
    width,
    hidden: hidden[i] ?? width,
    stride: strides?.[i] ?? (i > 0 && width > widths[i - 1]! ? 2 : 1),
  })),
  ...chosen,
});
