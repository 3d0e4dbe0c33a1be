import { madd } from './madd';

/**
 * Computes the gradient of a depthwise convolution with respect to its input: `dx += dy[oy, ox] filter[ky, kx]` at each
 * pixel under the filter. `dx [B, h, w, channels]` must be zero at the start;
 * `dy [B, outH, outW, channels * multiplier]`, `filter [kh, kw, channels, multiplier]`.
 */
export function depthwiseInput(
  dx: usize, dy: usize, filter: usize, batch: i32, h: i32, w: i32, channels: i32, multiplier: i32, outH: i32, outW: i32, kh: i32, kw: i32,
  strideH: i32, strideW: i32, dilationH: i32, dilationW: i32, top: i32, left: i32,
): void {
  const pixel = <usize>channels << 2, taken = pixel * <usize>multiplier;
  for (let row = 0; row < batch * outH; row++) {
    const image = dx + <usize>(row / outH) * <usize>(h * w) * pixel;
    const y0 = (row % outH) * strideH - top;
    for (let ky = 0; ky < kh; ky++) {
      const y = y0 + ky * dilationH;
      if (<u32>y >= <u32>h) continue;
      for (let kx = 0; kx < kw; kx++) {
        const weights = filter + <usize>(ky * kw + kx) * taken;
        let x = kx * dilationW - left;
        let from = dy + <usize>(row * outW) * taken;
        for (let ox = 0; ox < outW; ox++, x += strideW, from += taken) {
          if (<u32>x >= <u32>w) continue;
          const to = image + <usize>(y * w + x) * pixel;
          let c: usize = 0;
          if (multiplier == 1) {
            for (; c + 16 <= pixel; c += 16) v128.store(to + c, madd(v128.load(from + c), v128.load(weights + c), v128.load(to + c)));
          }
          for (; c < pixel; c += 4) {
            let sum = load<f32>(to + c);
            const start = c * <usize>multiplier;
            for (let m: usize = start; m < start + (<usize>multiplier << 2); m += 4) sum += load<f32>(from + m) * load<f32>(weights + m);
            store<f32>(to + c, sum);
          }
        }
      }
    }
  }
}

/**
 * Computes the gradient with respect to the filter: `dw[ky, kx] += x dy[oy, ox]` over all outputs. `dw` must be zero at
 * the start.
 */
export function depthwiseFilter(
  dw: usize, x: usize, dy: usize, batch: i32, h: i32, w: i32, channels: i32, multiplier: i32, outH: i32, outW: i32, kh: i32, kw: i32,
  strideH: i32, strideW: i32, dilationH: i32, dilationW: i32, top: i32, left: i32,
): void {
  const pixel = <usize>channels << 2, taken = pixel * <usize>multiplier;
  for (let row = 0; row < batch * outH; row++) {
    const image = x + <usize>(row / outH) * <usize>(h * w) * pixel;
    const y0 = (row % outH) * strideH - top;
    for (let ky = 0; ky < kh; ky++) {
      const y = y0 + ky * dilationH;
      if (<u32>y >= <u32>h) continue;
      for (let kx = 0; kx < kw; kx++) {
        const weights = dw + <usize>(ky * kw + kx) * taken;
        // For the outputs `first <= ox < last`, the pixel under this filter element lies inside the line.
        const shift = left - kx * dilationW;
        const first = max(0, (shift + strideW - 1) / strideW), last = w + shift <= 0 ? 0 : min(outW, (w + shift + strideW - 1) / strideW);
        const line = image + <usize>(y * w) * pixel, slopes = dy + <usize>(row * outW) * taken;
        let c: usize = 0;
        if (multiplier == 1) {
          // The sum over a line of outputs stays in a register.
          for (; c + 16 <= pixel; c += 16) {
            let sum = v128.load(weights + c);
            let from = line + <usize>(first * strideW - shift) * pixel + c, slope = slopes + <usize>first * taken + c;
            for (let ox = first; ox < last; ox++, from += <usize>strideW * pixel, slope += taken) sum = madd(v128.load(from), v128.load(slope), sum);
            v128.store(weights + c, sum);
          }
        }
        for (c *= <usize>multiplier; c < taken; c += 4) {
          let sum = load<f32>(weights + c);
          let from = line + <usize>(first * strideW - shift) * pixel + (((c >> 2) / <usize>multiplier) << 2), slope = slopes + <usize>first * taken + c;
          for (let ox = first; ox < last; ox++, from += <usize>strideW * pixel, slope += taken) sum += load<f32>(from) * load<f32>(slope);
          store<f32>(weights + c, sum);
        }
      }
    }
  }
}
