import type { ClassifierSpec } from './spec.ts';

/** The choices that people make; everything else of a {@link ClassifierSpec} follows. */
export interface ResNetOptions extends Pick<ClassifierSpec, 'shape' | 'classes'>, Partial<Pick<ClassifierSpec, 'scaling' | 'coeff' | 'activation' | 'tolerance' | 'solver'>> {
  /** Channels that leave each stage. Default `[64, 128, 256, 512]`. */
  readonly widths?: readonly number[];
  /** Channels inside the nets of each stage. Default: the widths. */
  readonly hidden?: readonly number[];
  /** Default: 2 where the width grows. */
  readonly strides?: readonly number[];
}

/** Implicit blocks: with the default widths, and 32x32x3 images, the net of the paper. */
export const implicitResNet = (options: ResNetOptions): ClassifierSpec => resNet('implicit', options);

/** Two residual blocks in place of each implicit one: as many parameters. */
export const residualResNet = (options: ResNetOptions): ClassifierSpec => resNet('residual', options);

/** Blocks without caps, two at a time. */
export const vanillaResNet = (options: ResNetOptions): ClassifierSpec => resNet('vanilla', options);

const resNet = (block: string, { shape, classes, widths = [64, 128, 256, 512], hidden = widths, strides, ...chosen }: ResNetOptions): ClassifierSpec => ({
  version: 1, kind: 'classifier', shape, classes, block,
  stages: widths.map((width, i) => ({ width, hidden: hidden[i] ?? width, stride: strides?.[i] ?? (i > 0 && width > widths[i - 1]! ? 2 : 1) })),
  ...chosen,
});
