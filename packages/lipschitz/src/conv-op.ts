import { kernel, type Shape } from '@impflow/core';
import {
  add,
  Conv2DBackpropFilter,
  conv2d,
  conv2dTranspose,
  engine,
  reshape,
  sum,
  type NamedAttrMap,
  type Tensor,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import type { TangentCotangents } from './layer.ts';

/**
 * Computes a convolution of images with a filter of odd sides, stride 1 and zero padding, plus a bias:
 * `x [..., h, w, n]`, `weight [kh, kw, n, m]`, `bias [m]` -> `[..., h, w, m]`. With `transposed`, computes the adjoint
 * of the convolution, without a bias: `x [..., h, w, m]` -> `[..., h, w, n]`.
 */
const conv = kernel<
  { readonly x: Tensor; readonly weight: Tensor; readonly bias?: Tensor },
  { readonly transposed: boolean }
>('ImpflowConv');

/**
 * The gradient of `<u, x * W + b> + sum_k <w_k, t_k * W>` with respect to `W [kh, kw, n, m]` and `b [m]`. The operator
 * `*` is the convolution that `ImpflowConv` computes. `u [B, h, w, m]`, `x [B, h, w, n]`, `cotangents [K, B, h, w, m]`,
 * `tangents [K, B, h, w, n]`.
 */
const gradient = kernel<
  { readonly u: Tensor; readonly x: Tensor } & Partial<TangentCotangents>,
  { readonly size: readonly [number, number] }
>('ImpflowConvGradient');

/**
 * Computes the convolution `x * W`, plus `b` if given, with zero padding: `[..., h, w, n] -> [..., h, w, m]`,
 * `weight [kh, kw, n, m]`. The gradient tape does not record the convolution.
 */
export const convolve = (x: Tensor, weight: Tensor, bias?: Tensor): Tensor =>
  conv.run({ x, weight, ...(bias === undefined ? {} : { bias }) }, { transposed: false }, () => {
    const image = conv2d(asImages(x), weight as Tensor4D, 1, 'same');
    return [reshape(bias === undefined ? image : add(image, bias), [...x.shape.slice(0, -1), weight.shape[3]!])];
  })[0];

/**
 * Computes the adjoint of {@link convolve} without a bias, `[..., h, w, m] -> [..., h, w, n]`. The gradient tape does
 * not record the adjoint.
 */
export const convolveTransposed = (u: Tensor, weight: Tensor): Tensor =>
  conv.run({ x: u, weight }, { transposed: true }, () => {
    const images = asImages(u);
    const [count, height, width] = images.shape;
    const inputs = weight.shape[2]!;
    return [
      reshape(conv2dTranspose(images, weight as Tensor4D, [count, height, width, inputs], 1, 'same'), [
        ...u.shape.slice(0, -1),
        inputs,
      ]),
    ];
  })[0];

/**
 * The gradient of `<u, x * W + b> + sum_k <w_k, t_k * W>` with respect to `W [kh, kw, n, m]` and `b [m]`. The gradient
 * tape does not record this computation.
 */
export const convGradient = (
  u: Tensor,
  x: Tensor,
  pairs: TangentCotangents | undefined,
  [kh, kw]: readonly [number, number],
): readonly [Tensor, Tensor] =>
  gradient.run({ u, x, ...pairs }, { size: [kh, kw] }, () => {
    const filterShape = [kh, kw, x.shape.at(-1)!, u.shape.at(-1)!];
    const direct = filterGradient(u, x, filterShape);
    const all =
      pairs === undefined ? direct : add(direct, filterGradient(pairs.cotangents, pairs.tangents, filterShape));
    return [
      all,
      sum(
        u,
        u.shape.slice(0, -1).map((_, axis) => axis),
      ),
    ];
  });

// tfjs has the kernel `Conv2DBackpropFilter`, but does not export an operation that calls it.
const filterGradient = (dy: Tensor, x: Tensor, filterShape: Shape): Tensor => {
  const attributes = { strides: 1, pad: 'same', dataFormat: 'NHWC', dimRoundingMode: null, filterShape };
  return engine().runKernel(
    Conv2DBackpropFilter,
    { x: asImages(x), dy: asImages(dy) },
    attributes as unknown as NamedAttrMap,
  );
};

/** Reshapes a tensor: merges all axes before the last three into one axis. */
const asImages = (x: Tensor): Tensor4D =>
  x.rank === 4 ? (x as Tensor4D) : reshape(x, [-1, ...x.shape.slice(-3)] as [number, number, number, number]);
