import { gemm } from './gemm';
import { patches, scatterPatches } from './patches';
import { clear } from './rows';

// Gradients of a convolution `y = x * filter` as matrix products: `x [B, h, w, channels]`,
// `y [B, outH, outW, filters]`, `filter [kh, kw, channels, filters]`, all NHWC. `matrix` (`4 rows outW kh kw channels`
// bytes) contains the patches of `rows` lines of outputs, which must stay in the cache. `scratch` has the bytes that
// gemm needs.

/**
 * Computes the gradient with respect to `x` from the gradient `dy` with respect to `y`: adds `dy filter^T` to each
 * patch.
 */
export function convInput(
  x: usize, y: usize, filter: usize, batch: i32, h: i32, w: i32, channels: i32, filters: i32, outH: i32, outW: i32, kh: i32, kw: i32,
  strideH: i32, strideW: i32, dilationH: i32, dilationW: i32, top: i32, left: i32, rows: i32, matrix: usize, scratch: usize,
): void {
  const depth = kh * kw * channels, pitch = <usize>depth << 2, out = <usize>filters << 2;
  const pointwise = isPointwise(h, w, outH, outW, kh, kw, top, left);
  if (!pointwise) clear(x, <usize>(batch * h * w * channels) << 2);
  for (let first = 0; first < batch * outH; first += rows) {
    const last = min(batch * outH, first + rows);
    const to = pointwise ? x + <usize>(first * outW) * pitch : matrix;
    gemm(y + <usize>(first * outW) * out, out, 4, filter, 4, out, to, (last - first) * outW, depth, filters, 0, 0, scratch);
    if (!pointwise) scatterPatches(x, matrix, first, last, h, w, channels, outH, outW, kh, kw, strideH, strideW, dilationH, dilationW, top, left);
  }
}

/** Computes the gradient with respect to the filter: `patches^T dy`, summed over the batch. */
export function convFilter(
  x: usize, y: usize, filter: usize, batch: i32, h: i32, w: i32, channels: i32, filters: i32, outH: i32, outW: i32, kh: i32, kw: i32,
  strideH: i32, strideW: i32, dilationH: i32, dilationW: i32, top: i32, left: i32, rows: i32, matrix: usize, scratch: usize,
): void {
  const depth = kh * kw * channels, pitch = <usize>depth << 2, out = <usize>filters << 2;
  const pointwise = isPointwise(h, w, outH, outW, kh, kw, top, left);
  clear(filter, <usize>depth * out);
  for (let first = 0; first < batch * outH; first += rows) {
    const last = min(batch * outH, first + rows);
    if (!pointwise) patches(x, matrix, first, last, h, w, channels, outH, outW, kh, kw, strideH, strideW, dilationH, dilationW, top, left);
    const from = pointwise ? x + <usize>(first * outW) * pitch : matrix;
    gemm(from, 4, pitch, y + <usize>(first * outW) * out, out, 4, filter, depth, filters, (last - first) * outW, filter, out, scratch);
  }
}

/** Returns whether each patch is one pixel, so that `x` is the matrix of patches. */
// @ts-ignore: decorators of AssemblyScript
@inline
function isPointwise(h: i32, w: i32, outH: i32, outW: i32, kh: i32, kw: i32, top: i32, left: i32): bool {
  return kh == 1 && kw == 1 && outH == h && outW == w && top == 0 && left == 0;
}
