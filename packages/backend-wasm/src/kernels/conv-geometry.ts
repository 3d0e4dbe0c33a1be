import { FlowError } from '@impflow/core';
import { backend_util } from '@tensorflow/tfjs-core';
import type { Machine } from '../machine.ts';

type Pair = number | [number, number];

/** Attributes that tfjs passes to a convolution and to its gradients. */
export interface ConvAttributes {
  readonly strides: Pair;
  readonly pad: 'valid' | 'same' | number | [[number, number], [number, number], [number, number], [number, number]];
  readonly dilations?: Pair;
  readonly dataFormat?: 'NHWC' | 'NCHW';
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

export type ConvInfo = backend_util.Conv2DInfo;

/**
 * Returns the sizes of a convolution.
 *
 * @throws `unsupported` for NCHW, which tfjs's own wasm kernels do not support either.
 */
export const convInfo = (
  kernel: string,
  x: number[],
  filter: number[],
  { strides, pad, dilations, dataFormat = 'NHWC', dimRoundingMode }: ConvAttributes,
  depthwise = false,
): ConvInfo => {
  if (dataFormat !== 'NHWC')
    throw new FlowError('unsupported', `backend-wasm/${kernel}`, 'Wrong data format', {
      expected: 'NHWC',
      got: dataFormat,
      hint: 'Transpose the images.',
    });
  return backend_util.computeConv2DInfo(
    x as Shape,
    filter as Shape,
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    depthwise,
  );
};

type Shape = [number, number, number, number];

/**
 * Returns whether `convolveSame` can compute a convolution: stride and dilation are 1, the padding is symmetric, and
 * the outputs have the size of the inputs.
 */
export const isSame = ({
  strideHeight,
  strideWidth,
  dilationHeight,
  dilationWidth,
  inHeight,
  inWidth,
  outHeight,
  outWidth,
  filterHeight,
  filterWidth,
  padInfo,
  batchSize,
}: ConvInfo): boolean =>
  strideHeight === 1 &&
  strideWidth === 1 &&
  dilationHeight === 1 &&
  dilationWidth === 1 &&
  outHeight === inHeight &&
  outWidth === inWidth &&
  filterHeight % 2 === 1 &&
  filterWidth % 2 === 1 &&
  padInfo.top === (filterHeight - 1) / 2 &&
  padInfo.left === (filterWidth - 1) / 2 &&
  batchSize * inHeight * inWidth > 0;

/**
 * Arguments of the compiled kernels that describe the window: sizes of outputs and filter, strides, dilations, and the
 * padding at the top and at the left.
 */
export const windowOf = (info: ConvInfo): readonly number[] => [
  info.outHeight,
  info.outWidth,
  info.filterHeight,
  info.filterWidth,
  info.strideHeight,
  info.strideWidth,
  info.dilationHeight,
  info.dilationWidth,
  info.padInfo.top,
  info.padInfo.left,
];

/** Number of bytes for the patches of one block. The patches occupy only a part of the second-level cache. */
const BLOCK = 1 << 18;

/** Runs the compiled kernel `convInput` or `convFilter`. `convInput` and `convFilter` have the same parameters. */
export const runConv = (
  { call, scratch }: Machine,
  kernel: 'convInput' | 'convFilter',
  x: number,
  y: number,
  filter: number,
  info: ConvInfo,
): void => {
  const { batchSize, inHeight, inWidth, inChannels, outChannels, outWidth, filterHeight, filterWidth } = info;
  const depth = filterHeight * filterWidth * inChannels;
  const rows = Math.max(1, Math.floor(BLOCK / (4 * outWidth * depth)));
  const matrix = Math.ceil((rows * outWidth * depth) / 4) * 16;
  const deepest = Math.max(depth, outChannels, rows * outWidth),
    widest = Math.max(depth, outChannels);
  const at = scratch(matrix + call.gemmScratch(deepest, widest));
  call[kernel](
    x,
    y,
    filter,
    batchSize,
    inHeight,
    inWidth,
    inChannels,
    outChannels,
    ...windowOf(info),
    rows,
    at,
    at + matrix,
  );
};
