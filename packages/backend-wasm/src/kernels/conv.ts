import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';
import type { Machine } from '../machine.ts';
import { accumulate, multiply } from './gemm.ts';

/**
 * Computes `x * W + b` or its adjoint; see `conv-op.ts` of package lipschitz. With a filter of 1 x 1 this is one matrix
 * product.
 */
export const conv: WasmKernel = {
  name: 'ImpflowConv',
  run: ({ machine, inputs, attrs }) => {
    const { x, weight, bias } = inputs as {
      readonly x: TensorInfo;
      readonly weight: TensorInfo;
      readonly bias?: TensorInfo;
    };
    const { transposed } = attrs as { readonly transposed: boolean };
    const [kh, kw, first, second] = weight.shape as [number, number, number, number];
    const [n, m] = transposed ? [second, first] : [first, second];
    const [h, w] = x.shape.slice(-3, -1) as [number, number];
    const count = images(x),
      out = machine.output([...x.shape.slice(0, -1), m]);
    if (count * h * w * m === 0) return out;
    const { address } = machine;
    const [from, by, to, added] = [address(x), address(weight), address(out), bias == null ? 0 : address(bias)];
    convolveSame(machine, { from, by, added, to }, { count, h, w, n, m, kh, kw }, transposed);
    return out;
  },
};

/** Sizes of images and filter, with `n` input and `m` output channels. */
interface Extent {
  readonly count: number;
  readonly h: number;
  readonly w: number;
  readonly n: number;
  readonly m: number;
  readonly kh: number;
  readonly kw: number;
}

/** Addresses of input, filter, bias and output. */
interface Places {
  readonly from: number;
  readonly by: number;
  /** Address of the bias, or 0 if there is no bias. */
  readonly added: number;
  readonly to: number;
}

/** Computes a convolution with stride 1 and zero padding, or its adjoint. */
export const convolveSame = (
  machine: Machine,
  { from, by, added, to }: Places,
  { count, h, w, n, m, kh, kw }: Extent,
  transposed: boolean,
): void => {
  const { call, scratch } = machine;
  if (kh === 1 && kw === 1) multiply(machine, from, false, by, transposed, to, count * h * w, m, n, added);
  else {
    const lines = linesAtOnce(h, w, n, kw);
    call.convSame(
      from,
      by,
      added,
      to,
      count,
      h,
      w,
      n,
      m,
      kh,
      kw,
      Number(transposed),
      lines,
      scratch(call.convSameScratch(h, w, n, m, kh, kw, lines)),
    );
  }
};

/**
 * Computes the gradient of `x * W + b` and of its tangents with respect to `W` and `b`. The gradients are summed over
 * the images and over the tangents.
 */
export const convGradient: WasmKernel = {
  name: 'ImpflowConvGradient',
  run: ({ machine, inputs, attrs }) => {
    const { u, x, cotangents, tangents } = inputs as {
      readonly u: TensorInfo;
      readonly x: TensorInfo;
      readonly cotangents?: TensorInfo;
      readonly tangents?: TensorInfo;
    };
    const [kh, kw] = (attrs as { readonly size: readonly [number, number] }).size;
    const [h, w, m] = u.shape.slice(-3) as [number, number, number];
    const n = x.shape.at(-1)!,
      batch = images(u),
      further = cotangents == null || tangents == null ? 0 : images(cotangents);
    const [weight, bias] = [machine.output([kh, kw, n, m]), machine.output([m])];
    const { address, call, scratch } = machine;
    call.sum(address(u), 1, batch * h * w, m, address(bias));
    const [ts, ws] = further === 0 ? [0, 0] : [address(tangents!), address(cotangents!)];
    if (kh === 1 && kw === 1) {
      multiply(machine, address(x), true, address(u), false, address(weight), n, m, batch * h * w);
      if (further > 0) accumulate(machine, ts, ws, address(weight), n, m, further * h * w);
    } else if (h * w === 0) call.clear(address(weight), 4 * kh * kw * n * m);
    else {
      const lines = linesAtOnce(h, w, n, kw);
      call.convSameGradient(
        address(x),
        address(u),
        batch,
        ts,
        ws,
        further,
        address(weight),
        h,
        w,
        n,
        m,
        kh,
        kw,
        lines,
        scratch(call.convSameGradientScratch(h, w, n, m, kh, kw, lines)),
      );
    }
    return [weight, bias];
  },
};

const images = ({ shape }: TensorInfo): number => shape.slice(0, -3).reduce((p, q) => p * q, 1);

/** Number of bytes for the padded images of one block. The images occupy only a part of the second-level cache. */
const BLOCK = 1 << 16;

/** Returns the number of image lines per block. A block with lines of several images contains only whole images. */
const linesAtOnce = (h: number, w: number, channels: number, kw: number): number => {
  const lines = Math.max(1, Math.floor(BLOCK / (4 * (w + kw - 1) * Math.max(1, channels))));
  return lines > h ? lines - (lines % h) : lines;
};
