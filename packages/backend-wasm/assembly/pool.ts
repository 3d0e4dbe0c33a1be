/**
 * Computes the gradient of max-pooling: adds `dy` to the first pixel of each window that has the maximum. `x`,
 * `dx [B, h, w, channels]`; `dx` must be zero at the start; `dy [B, outH, outW, channels]`.
 */
export function maxPoolGradient(
  x: usize, dy: usize, dx: usize, batch: i32, h: i32, w: i32, channels: i32, outH: i32, outW: i32, kh: i32, kw: i32,
  strideH: i32, strideW: i32, dilationH: i32, dilationW: i32, top: i32, left: i32,
): void {
  const pixel = channels << 2;
  for (let row = 0; row < batch * outH; row++) {
    const image = <usize>(row / outH) * <usize>(h * w) * <usize>pixel;
    const y0 = (row % outH) * strideH - top;
    for (let ox = 0; ox < outW; ox++, dy += <usize>pixel) {
      const x0 = ox * strideW - left;
      let c = 0;
      for (; c + 16 <= pixel; c += 16) {
        let largest = f32x4.splat(-Infinity), at = i32x4.splat(-1);
        for (let ky = 0; ky < kh; ky++) {
          const py = y0 + ky * dilationH;
          if (<u32>py >= <u32>h) continue;
          for (let kx = 0; kx < kw; kx++) {
            const px = x0 + kx * dilationW;
            if (<u32>px >= <u32>w) continue;
            const offset = (py * w + px) * pixel + c;
            const value = v128.load(x + image + <usize>offset);
            const larger = f32x4.gt(value, largest);
            largest = v128.bitselect(value, largest, larger);
            at = v128.bitselect(i32x4.splat(offset), at, larger);
          }
        }
        give(dx + image, i32x4.extract_lane(at, 0), load<f32>(dy + <usize>c));
        give(dx + image + 4, i32x4.extract_lane(at, 1), load<f32>(dy + <usize>c, 4));
        give(dx + image + 8, i32x4.extract_lane(at, 2), load<f32>(dy + <usize>c, 8));
        give(dx + image + 12, i32x4.extract_lane(at, 3), load<f32>(dy + <usize>c, 12));
      }
      for (; c < pixel; c += 4) {
        let largest: f32 = -Infinity, at = -1;
        for (let ky = 0; ky < kh; ky++) {
          const py = y0 + ky * dilationH;
          if (<u32>py >= <u32>h) continue;
          for (let kx = 0; kx < kw; kx++) {
            const px = x0 + kx * dilationW;
            if (<u32>px >= <u32>w) continue;
            const offset = (py * w + px) * pixel + c;
            const value = load<f32>(x + image + <usize>offset);
            if (value > largest) {
              largest = value;
              at = offset;
            }
          }
        }
        give(dx + image, at, load<f32>(dy + <usize>c));
      }
    }
  }
}

// A window whose numbers are all NaN has no maximum.
// @ts-ignore: decorators of AssemblyScript
@inline
function give(to: usize, at: i32, slope: f32): void {
  if (at >= 0) store<f32>(to + <usize>at, load<f32>(to + <usize>at) + slope);
}

/**
 * Computes the gradient of average-pooling: `dx += dy / (kh kw)` at each pixel of a window. Shapes are as in
 * `maxPoolGradient`.
 */
export function averagePoolGradient(
  dy: usize, dx: usize, batch: i32, h: i32, w: i32, channels: i32, outH: i32, outW: i32, kh: i32, kw: i32,
  strideH: i32, strideW: i32, dilationH: i32, dilationW: i32, top: i32, left: i32,
): void {
  const pixel = <usize>channels << 2;
  const share: f32 = 1 / <f32>(kh * kw);
  for (let row = 0; row < batch * outH; row++) {
    const image = dx + <usize>(row / outH) * <usize>(h * w) * pixel;
    const y0 = (row % outH) * strideH - top;
    for (let ox = 0; ox < outW; ox++, dy += pixel) {
      const x0 = ox * strideW - left;
      for (let ky = 0; ky < kh; ky++) {
        const py = y0 + ky * dilationH;
        if (<u32>py >= <u32>h) continue;
        for (let kx = 0; kx < kw; kx++) {
          const px = x0 + kx * dilationW;
          if (<u32>px >= <u32>w) continue;
          const to = image + <usize>(py * w + px) * pixel;
          let c: usize = 0;
          for (; c + 16 <= pixel; c += 16) v128.store(to + c, f32x4.add(v128.load(to + c), f32x4.mul(v128.load(dy + c), f32x4.splat(share))));
          for (; c < pixel; c += 4) store<f32>(to + c, load<f32>(to + c) + load<f32>(dy + c) * share);
        }
      }
    }
  }
}

/**
 * Computes the mean of the pixels of each window, without padding: `x [B, h, w, channels]` ->
 * `y [B, outH, outW, channels]`.
 */
export function averagePool(
  x: usize, y: usize, batch: i32, h: i32, w: i32, channels: i32, outH: i32, outW: i32, kh: i32, kw: i32,
  strideH: i32, strideW: i32, dilationH: i32, dilationW: i32, top: i32, left: i32,
): void {
  const pixel = <usize>channels << 2;
  for (let row = 0; row < batch * outH; row++) {
    const image = x + <usize>(row / outH) * <usize>(h * w) * pixel;
    const y0 = (row % outH) * strideH - top;
    for (let ox = 0; ox < outW; ox++, y += pixel) {
      const x0 = ox * strideW - left;
      let count = 0;
      memory.fill(y, 0, pixel);
      for (let ky = 0; ky < kh; ky++) {
        const py = y0 + ky * dilationH;
        if (<u32>py >= <u32>h) continue;
        for (let kx = 0; kx < kw; kx++) {
          const px = x0 + kx * dilationW;
          if (<u32>px >= <u32>w) continue;
          const from = image + <usize>(py * w + px) * pixel;
          count++;
          let c: usize = 0;
          for (; c + 16 <= pixel; c += 16) v128.store(y + c, f32x4.add(v128.load(y + c), v128.load(from + c)));
          for (; c < pixel; c += 4) store<f32>(y + c, load<f32>(y + c) + load<f32>(from + c));
        }
      }
      for (let c: usize = 0; c < pixel; c += 4) store<f32>(y + c, load<f32>(y + c) / <f32>count);
    }
  }
}
