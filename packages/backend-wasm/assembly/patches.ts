/**
 * Writes the patches of a convolution as a matrix. Row `(b, oy, ox)` holds the pixels under the filter,
 * `[kh, kw, channels]`, with zeros over the padding. `x [B, h, w, channels]`, NHWC. Covers the output lines `(b, oy)`
 * from `first` to `last`.
 */
export function patches(
  x: usize, out: usize, first: i32, last: i32, h: i32, w: i32, channels: i32, outH: i32, outW: i32, kh: i32, kw: i32,
  strideH: i32, strideW: i32, dilationH: i32, dilationW: i32, top: i32, left: i32,
): void {
  const pixel = <usize>channels << 2, line = <usize>w * pixel, tap = <usize>kw * pixel;
  let to = out;
  for (let row = first; row < last; row++) {
    const image = x + <usize>(row / outH) * <usize>h * line;
    const y0 = (row % outH) * strideH - top;
    let x0 = -left;
    for (let ox = 0; ox < outW; ox++, x0 += strideW) {
      let y = y0;
      for (let ky = 0; ky < kh; ky++, y += dilationH) {
        if (<u32>y >= <u32>h) to = zeros(to, tap);
        else if (dilationW == 1) {
          // The pixels of a line that are not padding are adjacent and are copied as one run.
          const before = min(kw, max(0, -x0)), after = min(kw - before, max(0, x0 + kw - w));
          to = zeros(to, <usize>before * pixel);
          to = copy(image + <usize>y * line + <usize>(x0 + before) * pixel, to, <usize>(kw - before - after) * pixel);
          to = zeros(to, <usize>after * pixel);
        } else {
          for (let kx = 0; kx < kw; kx++) {
            const at = x0 + kx * dilationW;
            to = <u32>at < <u32>w ? copy(image + <usize>y * line + <usize>at * pixel, to, pixel) : zeros(to, pixel);
          }
        }
      }
    }
  }
}

/** The adjoint of `patches`: adds each row of the matrix to the pixels of its patch in `x`. */
export function scatterPatches(
  x: usize, matrix: usize, first: i32, last: i32, h: i32, w: i32, channels: i32, outH: i32, outW: i32, kh: i32, kw: i32,
  strideH: i32, strideW: i32, dilationH: i32, dilationW: i32, top: i32, left: i32,
): void {
  const pixel = <usize>channels << 2, line = <usize>w * pixel;
  let from = matrix;
  for (let row = first; row < last; row++) {
    const image = x + <usize>(row / outH) * <usize>h * line;
    const y0 = (row % outH) * strideH - top;
    let x0 = -left;
    for (let ox = 0; ox < outW; ox++, x0 += strideW) {
      let y = y0;
      for (let ky = 0; ky < kh; ky++, y += dilationH) {
        if (<u32>y < <u32>h) {
          if (dilationW == 1) {
            const before = min(kw, max(0, -x0)), after = min(kw - before, max(0, x0 + kw - w));
            add(from + <usize>before * pixel, image + <usize>y * line + <usize>(x0 + before) * pixel, <usize>(kw - before - after) * pixel);
          } else {
            for (let kx = 0; kx < kw; kx++) {
              const at = x0 + kx * dilationW;
              if (<u32>at < <u32>w) add(from + <usize>kx * pixel, image + <usize>y * line + <usize>at * pixel, pixel);
            }
          }
        }
        from += <usize>kw * pixel;
      }
    }
  }
}

// @ts-ignore: decorators of AssemblyScript
@inline
export function zeros(to: usize, bytes: usize): usize {
  const end = to + bytes;
  for (; to + 16 <= end; to += 16) v128.store(to, f32x4.splat(0));
  for (; to < end; to += 4) store<f32>(to, 0);
  return end;
}

// Copies by a loop, because memory.copy calls a function outside the module, which takes longer than copying the few
// floats of a line.
// @ts-ignore: decorators of AssemblyScript
@inline
export function copy(from: usize, to: usize, bytes: usize): usize {
  const end = to + bytes;
  for (; to + 16 <= end; to += 16, from += 16) v128.store(to, v128.load(from));
  for (; to < end; to += 4, from += 4) store<f32>(to, load<f32>(from));
  return end;
}

// @ts-ignore: decorators of AssemblyScript
@inline
function add(from: usize, to: usize, bytes: usize): void {
  const end = to + bytes;
  for (; to + 16 <= end; to += 16, from += 16) v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
  for (; to < end; to += 4, from += 4) store<f32>(to, load<f32>(to) + load<f32>(from));
}
